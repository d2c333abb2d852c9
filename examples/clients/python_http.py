import json
import urllib.request

URL = "http://127.0.0.1:8000/v2/models/fashion/infer"


def infer(body, query=""):
    with urllib.request.urlopen(URL + query, body, timeout=10) as answer:
        return json.load(answer), answer.headers


with open("picture.png", "rb") as file:
    answer, headers = infer(file.read(), "?deadline_ms=2000")
print(answer["parameters"]["label"], headers["x-tierwise-decision"])

tensor = {"name": "input", "datatype": "UINT8", "shape": [1, 1, 28, 28], "data": [0] * 784}
answer, _ = infer(json.dumps({"inputs": [tensor]}).encode())
scores = answer["outputs"][0]["data"]
print("class", scores.index(max(scores)))
