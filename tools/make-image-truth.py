#!/usr/bin/env python3
"""Writes tests/Data/samples: images of each format, NumPy files, and what Pillow makes of a picture, for the data tests to be held against.

Needs Debian's python3-pil and python3-numpy. Usage: tools/make-image-truth.py
"""
import json
import pathlib

import numpy as np
from PIL import Image, ImageEnhance, ImageOps, features

OUT = pathlib.Path(__file__).resolve().parent.parent / "tests" / "Data" / "samples"
OUT.mkdir(parents=True, exist_ok=True)


def picture(height, width, seed=7):
    """Smooth colours with an edge and some noise: every operation changes it."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = [30 + 180 * x / width, 220 - 150 * y / height, 128 + 100 * np.sin(x / 3.0) * np.cos(y / 4.0)]
    pixels = np.stack(planes, axis=-1) + rng.normal(0, 6, (height, width, 3))
    pixels[height // 3 : height // 2, width // 4 : width // 2] += 60
    return Image.fromarray(np.clip(pixels, 0, 240).astype(np.uint8), "RGB")


image = picture(17, 23)
image.save(OUT / "picture.png")
image.save(OUT / "picture.bmp")
image.convert("L").save(OUT / "grey.png")
image.quantize(16).save(OUT / "palette.png")
image.save(OUT / "picture.jpg", quality=95, subsampling=0)
image.save(OUT / "picture.webp", lossless=True)
with_alpha = image.copy()
with_alpha.putalpha(Image.fromarray(np.full((17, 23), 100, np.uint8)))
with_alpha.save(OUT / "alpha.png")
exif = Image.Exif()
for orientation in range(1, 9):
    exif[0x0112] = orientation
    image.save(OUT / f"turned-{orientation}.jpg", quality=95, subsampling=0, exif=exif)


def floats(pil):
    return [round(float(v), 3) for v in np.asarray(pil, dtype=np.float64).reshape(-1)]


truth = {"height": 17, "width": 23, "pixels": np.asarray(image).reshape(-1).tolist()}
truth["grey"] = np.asarray(image.convert("L")).reshape(-1).tolist()
truth["jpeg"] = np.asarray(Image.open(OUT / "picture.jpg").convert("RGB")).reshape(-1).tolist()
truth["turned"] = {
    str(k): np.asarray(ImageOps.exif_transpose(Image.open(OUT / f"turned-{k}.jpg")).convert("RGB")).reshape(-1).tolist() for k in range(1, 9)
}
# In floating point, so that no rounding between the two passes is in the way.
planes = [Image.fromarray(np.asarray(image)[:, :, c].astype(np.float32)) for c in range(3)]
truth["resized"] = {
    f"{height}x{width}": [floats(plane.resize((width, height), Image.BILINEAR)) for plane in planes]
    for height, width in [(17, 23), (8, 9), (34, 46), (5, 40)]
}
truth["window"] = [floats(plane.resize((7, 7), Image.BILINEAR, box=(3, 0, 20, 17))) for plane in planes]
enhanced = {"brightness": ImageEnhance.Brightness, "contrast": ImageEnhance.Contrast, "saturation": ImageEnhance.Color, "sharpness": ImageEnhance.Sharpness}
truth["enhanced"] = {
    name: {str(factor): np.asarray(kind(image).enhance(factor)).reshape(-1).tolist() for factor in (0.3, 1.7)} for name, kind in enhanced.items()
}
truth["posterize"] = {str(bits): np.asarray(ImageOps.posterize(image, bits)).reshape(-1).tolist() for bits in (4, 7)}
truth["solarize"] = {str(threshold): np.asarray(ImageOps.solarize(image, threshold)).reshape(-1).tolist() for threshold in (77, 200)}
truth["autocontrast"] = np.asarray(ImageOps.autocontrast(image)).reshape(-1).tolist()
large = picture(60, 70)
truth["equalize"] = {
    "height": 60, "width": 70, "pixels": np.asarray(large).reshape(-1).tolist(), "result": np.asarray(ImageOps.equalize(large)).reshape(-1).tolist(),
}
(OUT / "truth.json").write_text(json.dumps(truth, separators=(",", ":")) + "\n")

rng = np.random.default_rng(1)
np.savez(OUT / "parts.npz", x_train=rng.integers(0, 256, (6, 4, 5, 3), dtype=np.uint8), y_train=np.arange(6, dtype=np.int32) % 3,
         x_test=rng.integers(0, 256, (2, 4, 5, 3), dtype=np.uint8), y_test=np.array([0, 2], dtype=np.int32))
np.save(OUT / "float.npy", np.arange(12, dtype=np.float64).reshape(3, 4) / 8)
np.save(OUT / "half.npy", (np.arange(6, dtype=np.float16) - 2).reshape(3, 2))
np.save(OUT / "fortran.npy", np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)))
np.save(OUT / "big-endian.npy", np.arange(3, dtype=">f4"))
np.save(OUT / "long.npy", np.array([3, -1, 2**40], dtype=np.int64))
print("webp:", features.check("webp"))
