// SPDX-License-Identifier: Apache-2.0
// What a data set is turned into before it trains (pixels of thousands of image files, planes
// interleaved), made once and mapped from the user's cache from then on. It is written piece by
// piece and mapped, so that it may be larger than memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

#include "evenkeel/data/decoded_cache.h"

namespace evenkeel::datasets {

struct ContentKey {
  std::filesystem::path source;  // a file or folder: a newer content takes the place of its older
  std::string form;              // what is made of it, such as "pixels of a folder"
  std::string depends_on;        // all else that the content is a function of
  std::uint64_t bytes = 0;       // about as many; below 64 kB it is not worth an entry
};

using Append = std::function<void(std::span<const std::byte>)>;
// Appends the content from its start; may be called twice. What it throws is passed on.
using Make = std::function<void(const Append&)>;

// From the entry, or made and kept. Where the cache cannot be written, or `cache_folder` is empty,
// it is in memory; more than 4 GiB that could not be written is a RuntimeFailure that says why.
DecodedFile made_content(const ContentKey& key, const std::filesystem::path& cache_folder,
                         const Make& make);

// Path below `base`, size and times of files, for ContentKey::depends_on: a digest. DataError where
// one is gone.
std::string identities_of(std::span<const std::filesystem::path> files,
                          const std::filesystem::path& base);

}  // namespace evenkeel::datasets
