// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/download.h"

#include <curl/curl.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/formats/gzip.h"
#include "evenkeel/formats/sha256.h"

namespace evenkeel::datasets {
namespace {

constexpr std::size_t kLargestDownload = std::size_t{256} << 20;
constexpr std::size_t kLargestContent = std::size_t{1} << 30;

struct Body {
  std::vector<std::byte> bytes;
  std::size_t limit;
};

// curl's callback; fewer bytes than came, or an exception's place, ends the transfer.
std::size_t append(char* data, std::size_t, std::size_t count, void* body_pointer) noexcept {
  Body& body = *static_cast<Body*>(body_pointer);
  if (count > body.limit - body.bytes.size()) return 0;
  try {
    const auto chunk = std::as_bytes(std::span(data, count));
    body.bytes.insert(body.bytes.end(), chunk.begin(), chunk.end());
  } catch (const std::bad_alloc&) {
    return 0;
  }
  return count;
}

std::vector<std::byte> download_checked(const std::string& url, const KnownFile& file) {
  std::vector<std::byte> bytes = download(url, kLargestDownload);
  const std::string found = sha256(gunzip(bytes, url, kLargestContent));
  if (found != file.sha256)
    throw DataError(url, "expected SHA-256 " + std::string(file.sha256) + ", got " + found);
  return bytes;
}

}  // namespace

std::vector<std::byte> download(const std::string& url, std::size_t limit) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(),
                                                                 &curl_easy_cleanup);
  if (!curl) throw RuntimeFailure(url, "libcurl could not be started");
  Body body{{}, limit};
  std::array<char, CURL_ERROR_SIZE> reason{};
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "https,file");
  curl_easy_setopt(curl.get(), CURLOPT_REDIR_PROTOCOLS_STR, "https");
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_MAXREDIRS, 5L);
  curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);  // we may be in any thread
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, 15L);
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_LIMIT, 1024L);  // bytes a second ...
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_TIME, 30L);     // ... for so many seconds
  curl_easy_setopt(curl.get(), CURLOPT_USERAGENT, "evenkeel");
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, reason.data());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &append);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &body);
  const CURLcode result = curl_easy_perform(curl.get());
  if (result != CURLE_OK) {
    const std::string text = reason[0] != '\0' ? reason.data() : curl_easy_strerror(result);
    throw RuntimeFailure(url, "the download failed: " + text);
  }
  return std::move(body.bytes);
}

void download_file(const KnownSet& set, const KnownFile& file, const std::filesystem::path& folder,
                   const std::vector<std::string>& mirrors) {
  std::vector<std::string> places = mirrors;
  if (places.empty()) places.assign(set.mirrors.begin(), set.mirrors.end());
  const std::string name = std::string(file.name) + ".gz";
  std::string reasons;
  for (const std::string& place : places) {
    std::vector<std::byte> bytes;
    try {
      bytes = download_checked(place + name, file);
    } catch (const Error& error) {
      reasons += std::string("\n  ") + error.what();
      continue;
    }
    os::make_directories(folder);
    os::write_file_atomically(folder / name, bytes);
    return;
  }
  throw RuntimeFailure(std::string(set.name) + "/" + name,
                       "no mirror had it: check the network and try again, or put the set's files "
                       "into " +
                           folder.string() + " by hand" + reasons);
}

}  // namespace evenkeel::datasets
