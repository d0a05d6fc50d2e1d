// SPDX-License-Identifier: Apache-2.0
// oneDNN's engine, and how many threads it sees.
#pragma once

#include <omp.h>

#include <oneapi/dnnl/dnnl.hpp>

namespace evenkeel::onednn {

// The CPU, stateless; made on first use and kept.
inline const dnnl::engine& cpu_engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

// Scratch is ours; f32 stays f32, whatever ONEDNN_DEFAULT_FPMATH_MODE says.
inline dnnl::primitive_attr strict_attributes() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  attributes.set_fpmath_mode(dnnl::fpmath_mode::strict);
  return attributes;
}

// oneDNN takes as many threads as OpenMP would, both when it plans and when it runs. This sets that
// number for the calling thread alone, until the end of the scope.
class ThreadScope {
 public:
  explicit ThreadScope(int threads) : before_(omp_get_max_threads()) {
    if (threads != before_) omp_set_num_threads(threads);
  }
  ~ThreadScope() {
    if (omp_get_max_threads() != before_) omp_set_num_threads(before_);
  }
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;

 private:
  int before_;
};

}  // namespace evenkeel::onednn
