import requests

URL = "http://127.0.0.1:8000/v2/models/fashion/infer"

with open("picture.png", "rb") as file:
    answer = requests.post(URL, params={"deadline_ms": 2000}, data=file, timeout=10)
answer.raise_for_status()
print(answer.json()["parameters"]["label"], answer.headers["x-tierwise-decision"])

tensor = {"name": "input", "datatype": "UINT8", "shape": [1, 1, 28, 28], "data": [0] * 784}
answer = requests.post(URL, json={"inputs": [tensor]}, timeout=10)
answer.raise_for_status()
scores = answer.json()["outputs"][0]["data"]
print("class", scores.index(max(scores)))
