// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/augment.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "evenkeel/base/error.h"
#include "evenkeel/base/random.h"
#include "evenkeel/data/rotation.h"

namespace evenkeel {
namespace {

// Which of an image's random numbers is for what, whichever of them are used.
enum Draw : std::uint64_t {
  kFlip,
  kAngle,
  kShiftDown,
  kShiftRight,
  kCropDown,
  kCropRight,
  kCutoutRow,
  kCutoutColumn,
  kDraws
};

class Draws {
 public:
  Draws(std::uint64_t seed, std::int64_t step, std::int64_t place)
      : random_(seed, Purpose::augment, static_cast<std::uint64_t>(step)),
        first_(static_cast<std::uint64_t>(place) * kDraws) {}
  // From -1 to 1.
  double either_way(Draw draw) const { return 2 * random_.uniform(first_ + draw) - 1; }
  // A whole number from 0 to bound - 1.
  std::int64_t below(Draw draw, std::int64_t bound) const {
    return static_cast<std::int64_t>(
        random_.below(first_ + draw, static_cast<std::uint64_t>(bound)));
  }
  // A whole number from -most to most.
  std::int64_t within(Draw draw, std::int64_t most) const {
    return below(draw, 2 * most + 1) - most;
  }

 private:
  Random random_;
  std::uint64_t first_;
};

// What moves have left of an axis: places begin to end - 1 hold what was `moved` places before.
struct Axis {
  std::int64_t extent;
  std::int64_t begin = 0;
  std::int64_t end = extent;
  std::int64_t moved = 0;
  void move(std::int64_t by) {
    moved += by;
    begin = std::clamp<std::int64_t>(begin + by, 0, extent);
    end = std::clamp<std::int64_t>(end + by, 0, extent);
  }
};

struct Pixels {
  const std::uint8_t* image;
  std::uint8_t* out;
  std::int64_t H, W, C;
};

// Pixels, last first, of which the first one written ends before `last`.
template <std::int64_t channels>
void copy_reversed(const std::uint8_t* last, std::int64_t count, std::int64_t C,
                   std::uint8_t* out) {
  const std::int64_t bytes = channels > 0 ? channels : C;
  for (std::int64_t i = 0; i < count; ++i)
    std::memcpy(out + i * bytes, last - (i + 1) * bytes, static_cast<std::size_t>(bytes));
}

void copy_row(const Pixels& p, const Axis& columns, bool flip, const std::uint8_t* row,
              std::uint8_t* out) {
  const std::int64_t first = columns.begin - columns.moved;
  const std::int64_t count = columns.end - columns.begin;
  if (!flip) {
    std::memcpy(out, row + first * p.C, static_cast<std::size_t>(count * p.C));
    return;
  }
  const std::uint8_t* last = row + (p.W - first) * p.C;
  if (p.C == 1)
    copy_reversed<1>(last, count, 1, out);
  else if (p.C == 3)
    copy_reversed<3>(last, count, 3, out);
  else
    copy_reversed<0>(last, count, p.C, out);
}

void clear(std::uint8_t* out, std::int64_t bytes) {
  std::memset(out, 0, static_cast<std::size_t>(bytes));
}

// Flipped, turned by `angle` degrees and moved, with zeros where nothing came to lie.
void place_image(const Pixels& p, bool flip, double angle, const Axis& rows, const Axis& columns) {
  const Rotation rotation(angle, p.H, p.W, p.C, flip);
  const std::int64_t row_bytes = p.W * p.C;
  if (columns.begin == columns.end) return clear(p.out, p.H * row_bytes);
  clear(p.out, rows.begin * row_bytes);
  clear(p.out + rows.end * row_bytes, (p.H - rows.end) * row_bytes);
  for (std::int64_t row = rows.begin; row < rows.end; ++row) {
    std::uint8_t* out = p.out + row * row_bytes;
    clear(out, columns.begin * p.C);
    clear(out + columns.end * p.C, (p.W - columns.end) * p.C);
    const std::int64_t from = row - rows.moved;
    std::uint8_t* inside = out + columns.begin * p.C;
    if (angle == 0)
      copy_row(p, columns, flip, p.image + from * row_bytes, inside);
    else
      rotation.row(p.image, from, columns.begin - columns.moved, columns.end - columns.moved,
                   inside);
  }
}

void cut_out(const Pixels& p, std::int64_t side, std::int64_t row, std::int64_t column) {
  const std::int64_t top = std::max<std::int64_t>(0, row - side / 2);
  const std::int64_t bottom = std::min(p.H, row - side / 2 + side);
  const std::int64_t left = std::max<std::int64_t>(0, column - side / 2);
  const std::int64_t right = std::min(p.W, column - side / 2 + side);
  for (std::int64_t y = top; y < bottom; ++y)
    clear(p.out + (y * p.W + left) * p.C, (right - left) * p.C);
}

void require_pixels(const char* field, std::int64_t pixels, std::int64_t most, const Shape& image,
                    const char* off) {
  if (pixels >= 0 && pixels <= most) return;
  throw InvalidArgument(std::string("augment.") + field,
                        "expected from 0 to " + std::to_string(most) + " pixels for images " +
                            to_string(image) + ", got " + std::to_string(pixels) + "; " + off);
}

}  // namespace

void require_valid(const Augmentation& augmentation, const Shape& image) {
  if (image.rank() != 3 || image.elements() < 1)
    throw InvalidArgument("augment", "expected images [H,W,C], got " + to_string(image));
  if (!(augmentation.rotate >= 0 && augmentation.rotate <= 180))
    throw InvalidArgument("augment.rotate",
                          "expected from 0 to 180 degrees, got " +
                              std::to_string(augmentation.rotate) +
                              "; images are turned by up to that angle either way, 0 leaves them");
  const std::int64_t side = std::min(image[0], image[1]);
  require_pixels("shift", augmentation.shift, side - 1, image,
                 "an image moved by its own size is gone, 0 leaves it where it is");
  require_pixels("crop", augmentation.crop, side - 1, image,
                 "it is the padding on each side, 4 for 32x32 images, and not the size of the "
                 "window; 0 is none");
  require_pixels("cutout", augmentation.cutout, side, image,
                 "the square may not be larger than the image, 0 is none");
}

void augment(const Augmentation& augmentation, std::uint64_t seed, std::int64_t step,
             std::int64_t place, const Shape& shape, std::span<const std::uint8_t> image,
             std::span<std::uint8_t> out) {
  const auto bytes = static_cast<std::size_t>(shape.elements());
  if (shape.rank() != 3 || image.size() != bytes || out.size() != bytes)
    throw InvalidArgument("augment", "expected two images " + to_string(shape) + ", got " +
                                         std::to_string(image.size()) + " and " +
                                         std::to_string(out.size()) + " bytes");
  const Draws draws(seed, step, place);
  const Pixels pixels = {image.data(), out.data(), shape[0], shape[1], shape[2]};
  const bool flip = augmentation.flip && draws.below(kFlip, 2) == 1;
  const double angle =
      augmentation.rotate != 0 ? draws.either_way(kAngle) * augmentation.rotate : 0;
  Axis rows = {pixels.H};
  Axis columns = {pixels.W};
  if (augmentation.shift != 0) {
    rows.move(draws.within(kShiftDown, augmentation.shift));
    columns.move(draws.within(kShiftRight, augmentation.shift));
  }
  if (augmentation.crop != 0) {
    rows.move(draws.within(kCropDown, augmentation.crop));
    columns.move(draws.within(kCropRight, augmentation.crop));
  }
  place_image(pixels, flip, angle, rows, columns);
  if (augmentation.cutout != 0)
    cut_out(pixels, augmentation.cutout, draws.below(kCutoutRow, pixels.H),
            draws.below(kCutoutColumn, pixels.W));
}

}  // namespace evenkeel
