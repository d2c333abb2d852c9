import numpy
import tritonclient.grpc as triton

client = triton.InferenceServerClient("127.0.0.1:8001")

with open("picture.png", "rb") as file:
    picture = triton.InferInput("image", [1], "BYTES")
    picture.set_data_from_numpy(numpy.array([file.read()], dtype=object))
likeliest = triton.InferRequestedOutput("probabilities", class_count=1)
answer = client.infer("fashion", [picture], outputs=[likeliest], timeout=2_000_000)
print(answer.as_numpy("probabilities")[0][0].decode())  # 0.98:9:Ankle boot

tensor = triton.InferInput("input", [1, 1, 28, 28], "UINT8")
tensor.set_data_from_numpy(numpy.zeros([1, 1, 28, 28], dtype=numpy.uint8))
answer = client.infer("fashion", [tensor])
print("class", answer.as_numpy("probabilities").argmax())
