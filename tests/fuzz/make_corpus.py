#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the binary seeds beside it: corpus/idx, corpus/gzip, corpus/npz and corpus/safetensors. Those of corpus/graph are texts,
those of corpus/image were made with tests/support/image_files.h."""
import io
import json
import pathlib
import struct
import zipfile
import zlib

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"


def write(path: str, data: bytes) -> None:
    target = CORPUS / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def idx(dims: list[int], data: bytes) -> bytes:
    return struct.pack(f">{1 + len(dims)}I", 0x0800 | len(dims), *dims) + data


def gzip_member(data: bytes, flags: int = 0, extra: bytes = b"") -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    header = b"\x1f\x8b\x08" + bytes([flags]) + b"\0\0\0\0\x02\xff" + extra
    body = packer.compress(data) + packer.flush()
    return header + body + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def safetensors(header: dict, data: bytes = b"") -> bytes:
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def entry(dtype: str, shape: list[int], begin: int, end: int) -> dict:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def npy(descr: str, shape: str, data: bytes, version: int = 1) -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text + data


def npz(arrays: dict[str, bytes], method: int = zipfile.ZIP_STORED, zip64: bool = False) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in arrays.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = method
            with archive.open(entry, "w", force_zip64=zip64) as stream:
                stream.write(data)
    return file.getvalue()


def npz_seeds() -> None:
    images = npy("'|u1'", "(2, 2, 2)", bytes(range(8)))
    labels = npy("'<i8'", "(2,)", struct.pack("<2q", 1, 0))
    write("npz/stored", npz({"x_train.npy": images, "y_train.npy": labels}))
    write("npz/deflated", npz({"x_train.npy": images, "y_train.npy": labels}, zipfile.ZIP_DEFLATED))
    write("npz/zip64", npz({"images.npy": images}, zipfile.ZIP_DEFLATED, True))
    write("npz/big-endian", npz({"a.npy": npy("'>i2'", "(2, 1)", b"\xff\xfe\1\2", 2)}))
    write("npz/object", npz({"a.npy": npy("'|O'", "(1,)", b"\x80\x04N.")}))
    write("npz/structured", npz({"a.npy": npy("[('a', '<i4')]", "(1,)", bytes(4))}))
    write("npz/expands", npz({"a.npy": npy("'|u1'", "(100000,)", bytes(100_000))}, zipfile.ZIP_DEFLATED))
    write("npz/lying-shape", npz({"a.npy": npy("'<f8'", "(4294967296, 4294967296, 0)", b"")}))
    write("npz/none", npz({}))


def main() -> None:
    pixels = bytes(range(48))
    write("idx/labels", idx([5], bytes([7, 2, 1, 0, 4])))
    write("idx/images", idx([3, 4, 4], pixels))
    write("idx/none", idx([0], b""))
    write("idx/overflow", idx([0xFFFFFFFF] * 3, pixels))
    write("idx/overflow-times-zero", idx([0xFFFFFFFF, 0xFFFFFFFF, 0], b""))
    write("idx/short", idx([3, 4, 5], pixels))

    write("gzip/small", gzip_member(b"seven bytes, nearly"))
    write("gzip/empty", gzip_member(b""))
    write("gzip/members", gzip_member(b"one ") + gzip_member(b"two"))
    write("gzip/named", gzip_member(b"named", 0x08, b"file\0"))
    write("gzip/extra", gzip_member(b"extra", 0x04, b"\x03\0abc"))
    write("gzip/expands", gzip_member(bytes(100_000)))
    write("gzip/lying-length", gzip_member(b"small")[:-4] + b"\xff\xff\xff\xff")

    npz_seeds()

    four = struct.pack("<4f", 1, 2, 3, 4)
    checksum = f"{zlib.crc32(four):08x}"
    write("safetensors/empty", safetensors({}))
    write("safetensors/one", safetensors({"a": entry("F32", [2, 2], 0, 16)}, four))
    write(
        "safetensors/checked",
        safetensors(
            {
                "__metadata__": {"checksum/a": checksum, "note": "ü"},
                "a": entry("F32", [4], 0, 16),
                "b": entry("U8", [3], 16, 19),
                "none": entry("I64", [0, 7], 19, 19),
                "scalar": entry("BOOL", [], 19, 20),
            },
            four + b"\1\2\3\1",
        ),
    )
    write("safetensors/overflow", safetensors({"a": entry("F64", [1 << 62, 4], 0, 0)}))
    write("safetensors/overflow-times-zero", safetensors({"a": entry("U8", [1 << 62, 4, 0], 0, 0)}))
    write("safetensors/lying-header", struct.pack("<Q", 1 << 40) + b"{}")


if __name__ == "__main__":
    main()
