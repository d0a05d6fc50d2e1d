// SPDX-License-Identifier: Apache-2.0
// The native kernels of two networks' training steps beside oneDNN's, the reference's and what the
// machine gives at most:
//   bench_kernels [--out FILE.json] [--short] [--only TEXT] [--check RECORD.json | --record
//   RECORD.json]
// A table on stdout, JSON into a file. --short: without the reference, fewer rounds. --only: what
// has TEXT in its kernel's name or its operands. --record writes what --check compares with.
#include <fmt/format.h>

#include <fstream>
#include <iostream>

#include "bench/kernels/measure.h"
#include "bench/report/check.h"
#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"

namespace {

using namespace evenkeel;
using namespace evenkeel::bench;

struct Arguments {
  std::string out, check, record;
  MeasureOptions measure;
};

Arguments parse(int argc, char** argv) {
  Arguments result;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    std::string* text = word == "--out"      ? &result.out
                        : word == "--only"   ? &result.measure.only
                        : word == "--check"  ? &result.check
                        : word == "--record" ? &result.record
                                             : nullptr;
    if (word == "--short") {
      result.measure.brief = true;
    } else if (text != nullptr && i + 1 < argc) {
      *text = argv[++i];
    } else {
      throw InvalidArgument("bench kernels",
                            "expected --out FILE, --short, --only TEXT, --check RECORD or "
                            "--record RECORD, got '" +
                                word + "'");
    }
  }
  return result;
}

void write(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text << "\n";
  if (!file.flush()) throw RuntimeFailure(path, "could not be written");
}

// What looks slower is measured twice more: a neighbour on the machine may have been in the way.
int check_against(const std::string& path, const Arguments& arguments) {
  const auto bytes = os::read_file(path);
  const Record record =
      record_from_json(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  const KernelReport here = machine_report();
  if (const Verdict verdict = check(here, record); !verdict.comparable) {
    std::cout << verdict.text;
    return 0;
  }
  KernelReport report = measure(arguments.measure);
  Verdict verdict = check(report, record);
  for (int again = 0; again < 2 && !verdict.slower.empty(); ++again) {
    remeasure(report, verdict.slower, arguments.measure);
    verdict = check(report, record);
  }
  std::cout << verdict.text;
  return verdict.slower.empty() ? 0 : 1;
}

int run(const Arguments& arguments) {
  if (!arguments.check.empty()) return check_against(arguments.check, arguments);
  const KernelReport report = measure(arguments.measure);
  std::cout << to_markdown(report);
  if (!arguments.out.empty()) write(arguments.out, to_json(report));
  constexpr double kTolerance = 0.3;
  if (!arguments.record.empty()) write(arguments.record, to_json(record_of(report, kTolerance)));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(parse(argc, argv));
  } catch (const InvalidArgument& error) {
    std::cerr << "bench: " << error.what() << "\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "bench: " << error.what() << "\n";
    return 1;
  }
}
