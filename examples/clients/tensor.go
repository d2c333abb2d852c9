package main

import (
	"io"
	"net/http"
	"os"
	"strings"
)

func main() {
	head := `{"inputs":[{"name":"input","datatype":"UINT8","shape":[1,1,28,28],"data":[0`
	body := head + strings.Repeat(",0", 783) + "]}]}"
	url := "http://127.0.0.1:8000/v2/models/fashion/infer"
	answer, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	io.Copy(os.Stdout, answer.Body)
}
