// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/image_folder_scan.h"

#include <algorithm>
#include <system_error>

#include "evenkeel/base/error.h"

namespace evenkeel::datasets {
namespace {

namespace fs = std::filesystem;

struct Listed {
  std::vector<fs::path> folders;  // sorted
  std::vector<fs::path> files;    // sorted
};

bool is_hidden(const std::string& name) { return name.starts_with('.') || name == "__MACOSX"; }

Listed list_folder(const fs::path& folder) {
  Listed listed;
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (is_hidden(entry->path().filename().string())) continue;
    std::error_code ignored;  // a link to nowhere is a file that cannot be read
    (entry->is_directory(ignored) ? listed.folders : listed.files).push_back(entry->path());
  }
  if (error) throw DataError(folder.string(), "the folder cannot be listed: " + error.message());
  for (auto* paths : {&listed.folders, &listed.files})
    std::sort(paths->begin(), paths->end(),
              [](const fs::path& a, const fs::path& b) { return a.native() < b.native(); });
  return listed;
}

std::string extension_of(const fs::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return extension;
}

bool is_image(const fs::path& path) {
  const std::string extension = extension_of(path);
  return extension == ".png" || extension == ".jpg" || extension == ".jpeg";
}

bool is_other_image(const fs::path& path) {
  const std::string extension = extension_of(path);
  for (const char* other : {".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".avif"})
    if (extension == other) return true;
  return false;
}

class Scanner {
 public:
  explicit Scanner(const fs::path& root) : top_(list_folder(root)) {
    if (is_divided())
      scan_parts();
    else
      scan_classes(top_, 0);
    if (scan_.classes.size() < 2 && scan_.faults.empty())
      fault(root, "expected at least two folders, one a class, with its images in them (" +
                      (root / "cat/1.png").string() + "), or train/, validation/ and test/ with " +
                      "such folders; it has " + std::to_string(scan_.classes.size()));
  }
  FolderScan take() { return std::move(scan_); }

 private:
  // A class may be called train: what divides has folders and no images in it.
  bool is_divided() const {
    for (const fs::path& folder : top_.folders) {
      if (folder.filename() != "train") continue;
      const Listed inside = list_folder(folder);
      return !inside.folders.empty() &&
             std::none_of(inside.files.begin(), inside.files.end(), is_image);
    }
    return false;
  }

  void fault(const fs::path& where, const std::string& text) {
    scan_.faults.push_back(where.string() + ": " + text);
  }

  static std::size_t part_of(const std::string& name) {
    for (std::size_t part = 0; part < kPartNames.size(); ++part)
      if (name == kPartNames[part]) return part;
    return name == "val" || name == "valid" ? 1 : kPartNames.size();
  }

  // Classes are those of train, which comes first.
  void scan_parts() {
    std::array<fs::path, 3> folders;
    for (const fs::path& folder : top_.folders) {
      const std::size_t part = part_of(folder.filename().string());
      if (part == kPartNames.size())
        fault(folder, "expected only train/, validation/ and test/ beside each other");
      else if (!folders[part].empty())
        fault(folder, "expected one folder of validation images, the other is " +
                          folders[part].filename().string());
      else
        folders[part] = folder;
    }
    add_strays(top_);
    for (std::size_t part = 0; part < folders.size(); ++part)
      if (!folders[part].empty()) scan_part(folders[part], part);
  }

  void scan_part(const fs::path& folder, std::size_t part) {
    const Listed listed = list_folder(folder);
    if (listed.folders.empty())
      fault(folder, "expected folders of classes with images, it has none");
    scan_classes(listed, part);
  }

  void scan_classes(const Listed& listed, std::size_t part) {
    scan_.is_there[part] = true;
    add_strays(listed);
    if (part == 0)
      for (const fs::path& folder : listed.folders)
        scan_.classes.push_back(folder.filename().string());
    for (const fs::path& folder : listed.folders) {
      const auto name =
          std::find(scan_.classes.begin(), scan_.classes.end(), folder.filename().string());
      if (name == scan_.classes.end())
        fault(folder, "expected a class that train/ has too");
      else
        scan_class(folder, static_cast<std::int32_t>(name - scan_.classes.begin()), part);
    }
  }

  void scan_class(const fs::path& folder, std::int32_t label, std::size_t part) {
    const Listed listed = list_folder(folder);
    bool any = false;
    for (const fs::path& file : listed.files) {
      if (is_image(file)) scan_.parts[part].push_back({file, label});
      if (is_other_image(file))
        scan_.strays.push_back({file, "expected a PNG or JPEG file; convert it first"});
      any = any || is_image(file);
    }
    for (const fs::path& inner : listed.folders)
      fault(inner, "expected images, got a folder in the folder of a class");
    if (!any) fault(folder, "expected images (.png, .jpg, .jpeg) of this class, it has none");
  }

  void add_strays(const Listed& listed) {
    for (const fs::path& file : listed.files)
      if (is_image(file) || is_other_image(file))
        scan_.strays.push_back({file, "expected it in the folder of a class"});
  }

  Listed top_;
  FolderScan scan_;
};

}  // namespace

FolderScan scan_folder(const fs::path& root) {
  std::error_code error;
  if (!fs::is_directory(root, error))
    throw DataError(root.string(), "expected a folder of images, there is none");
  return Scanner(root).take();
}

}  // namespace evenkeel::datasets
