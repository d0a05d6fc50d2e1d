// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/tiled_fft2d.h"

#include "evenkeel/graph/ops/window.h"

namespace evenkeel {
namespace {

// Far beyond use, so that no product of two overflows.
constexpr std::int64_t kMostTiled = 1 << 15;

void require_tiles(const ShapeScope& in, const FieldTiles& z) {
  require_field_size(in, z.size);
  for (std::size_t axis = 0; axis < 2; ++axis) {
    if (z.tiles[axis] < 1 || z.tiles[axis] > kMostTiled || z.step[axis] < 1 ||
        z.step[axis] > kMostTiled)
      in.fail("tiles and a step of at least 1 and at most 2^15, not " + to_string(z.tiles) +
              " tiles, step " + to_string(z.step));
    if (z.place[axis] < 0 || z.place[axis] > kMostTiled)
      in.fail("a place from 0 to 2^15, not " + to_string(z.place));
    if (z.extent[axis] < 1 || z.extent[axis] > z.size)
      in.fail("an extent within a field of " + std::to_string(z.size) + ", not " +
              to_string(z.extent));
  }
}

}  // namespace

// x: [N,H,W,C]
Types TiledFft2d::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0, 4);
  require_tiles(in, layout());
  const Shape& x = in[0].shape;
  return {{in[0].dtype, {x[0], layout().count() * frequencies_of(size), 2, x[3]}}};
}

// spectrum: [N,T F,2,C]
Types InverseTiledFft2d::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0, 4);
  require_tiles(in, layout());
  const Shape& spectrum = in[0].shape;
  const std::int64_t all = layout().count() * frequencies_of(size);
  if (spectrum[1] != all || spectrum[2] != 2)
    in.fail("a spectrum [N," + std::to_string(all) + ",2,C] of " +
            std::to_string(layout().count()) + " tiles of size " + std::to_string(size));
  in.require(map[0] >= 1 && map[1] >= 1, "a map of at least 1 pixel");
  return {{in[0].dtype, {spectrum[0], map[0], map[1], spectrum[3]}}};
}

}  // namespace evenkeel
