// SPDX-License-Identifier: Apache-2.0
// Downloads by libcurl.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "evenkeel/data/known_sets.h"

namespace evenkeel::datasets {

// The body at an https URL (or file://, for a mirror on disk) of at most `limit` bytes, following
// redirects to https only. RuntimeFailure with the URL and curl's reason.
std::vector<std::byte> download(const std::string& url, std::size_t limit);

// Stores `<folder>/<file>.gz` from the first mirror whose content has the file's SHA-256; the set's
// own mirrors where `mirrors` is empty. RuntimeFailure that lists what each mirror said.
void download_file(const KnownSet& set, const KnownFile& file, const std::filesystem::path& folder,
                   const std::vector<std::string>& mirrors);

}  // namespace evenkeel::datasets
