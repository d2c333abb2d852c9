package main

import (
	"fmt"
	"net/http"
	"os"
	"time"
)

func main() {
	client := http.Client{Timeout: 10 * time.Second}
	url := "http://127.0.0.1:8000/v2/models/fashion/infer?deadline_ms=2000"
	answer, err := client.Post(url, "image/png", os.Stdin)
	if err != nil || answer.StatusCode != http.StatusOK {
		panic(fmt.Sprint(err, answer))
	}
	fmt.Println(answer.Header.Get("x-tierwise-label"), answer.Header.Get("x-tierwise-decision"))
}
