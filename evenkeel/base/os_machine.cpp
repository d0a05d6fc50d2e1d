// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/os_machine.h"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>

#include "evenkeel/base/os.h"

namespace evenkeel::os {
namespace {

struct utsname system_names() {
  struct utsname names {};
  if (::uname(&names) != 0) names = {};
  return names;
}

}  // namespace

std::string host_name() {
  const std::string name = system_names().nodename;
  return name.empty() ? "localhost" : name;
}

std::string processor_name() {
  // "model name	: AMD EPYC 7763": one such line a processor, on x86.
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("model name")) continue;
    const std::size_t begin = line.find_first_not_of(" \t", line.find(':') + 1);
    if (begin != std::string::npos) return line.substr(begin);
  }
  return system_names().machine;
}

std::string system_name() {
  const struct utsname names = system_names();
  return std::string(names.sysname) + " " + names.release + " " + names.machine;
}

std::string compiler_name() {
#ifdef __clang__
  return "clang " __clang_version__;
#else
  return "GCC " __VERSION__;
#endif
}

std::vector<std::string> command_line() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> words;
  for (std::string word; std::getline(file, word, '\0');) words.push_back(word);
  return words;
}

double wall_clock() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string utc_text(double seconds_since_1970) {
  const auto seconds = static_cast<std::time_t>(std::floor(seconds_since_1970));
  struct tm parts {};
  std::array<char, 64> text = {};
  if (::gmtime_r(&seconds, &parts) == nullptr) return "";
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), size};
}

bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    auto locale = environment(name);
    if (!locale) continue;
    std::transform(locale->begin(), locale->end(), locale->begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return locale->find("UTF-8") != std::string::npos || locale->find("UTF8") != std::string::npos;
  }
  return false;
}

}  // namespace evenkeel::os
