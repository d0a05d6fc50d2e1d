// SPDX-License-Identifier: Apache-2.0
// A dense tensor that owns its bytes: what files, data sets and tests hand around.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "evenkeel/base/dtype.h"
#include "evenkeel/base/error.h"
#include "evenkeel/base/shape.h"

namespace evenkeel {

struct Tensor {
  DType dtype = DType::f32;
  Shape shape;
  std::vector<std::byte> bytes;  // row-major; operator new aligns it for every dtype

  Tensor() = default;
  Tensor(DType type, Shape extents)
      : dtype(type),
        shape(std::move(extents)),
        bytes(static_cast<std::size_t>(shape.elements()) * size_of(type)) {}

  template <typename T>
  static Tensor of(Shape extents, const std::vector<T>& values) {
    Tensor tensor(dtype_of<T>, std::move(extents));
    if (tensor.bytes.size() != values.size() * sizeof(T))
      throw InvalidArgument("Tensor", "expected " + std::to_string(tensor.shape.elements()) +
                                          " values for shape " + to_string(tensor.shape) +
                                          ", got " + std::to_string(values.size()));
    if (!values.empty()) std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
    return tensor;
  }

  template <typename T>
  std::span<T> values() {
    return {reinterpret_cast<T*>(checked<T>()), bytes.size() / sizeof(T)};
  }
  template <typename T>
  std::span<const T> values() const {
    return {reinterpret_cast<const T*>(const_cast<Tensor*>(this)->checked<T>()),
            bytes.size() / sizeof(T)};
  }

  friend bool operator==(const Tensor&, const Tensor&) = default;

 private:
  template <typename T>
  std::byte* checked() {
    if (dtype != dtype_of<T>)
      throw InvalidArgument("Tensor", "expected dtype " + std::string(to_string(dtype_of<T>)) +
                                          ", the tensor has " + std::string(to_string(dtype)));
    return bytes.data();
  }
};

}  // namespace evenkeel
