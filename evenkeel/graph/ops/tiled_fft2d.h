// SPDX-License-Identifier: Apache-2.0
// Maps larger than a field, by tiles that overlap: what a tile's pixels give outside of their own
// tile is the neighbour's to make (overlap-save), or is added to the neighbour's (overlap-add).
#pragma once

#include "evenkeel/graph/ops/fft2d.h"
#include "evenkeel/graph/rules.h"

namespace evenkeel {

// How T = tiles[0] tiles[1] fields of size x size lie over a map: pixel {h, w} of field {i, j} is
// pixel {h + i step[0] - place[0], w + j step[1] - place[1]} of the map, for {h, w} < extent; of
// the rest of a field nothing is read. A spectrum of tiles is [N,T F,2,C]: the first tile's F
// frequencies, then the next one's, row by row.
struct FieldTiles {
  std::int64_t size = 16;
  Pair place = {0, 0};
  Pair tiles = {1, 1};
  Pair step = {16, 16};
  Pair extent = {16, 16};
  std::int64_t count() const { return tiles[0] * tiles[1]; }
};

// x: [N,H,W,C] -> [N,T F,2,C]; zeros where a tile reaches over x's edge.
struct TiledFft2d {
  static constexpr std::string_view name = "tiled_fft2d";
  std::int64_t size = 16;
  Pair place = {0, 0};
  Pair tiles = {1, 1};
  Pair step = {16, 16};
  Pair extent = {16, 16};
  static constexpr auto fields =
      std::tuple{field("size", &TiledFft2d::size), field("place", &TiledFft2d::place),
                 field("tiles", &TiledFft2d::tiles), field("step", &TiledFft2d::step),
                 field("extent", &TiledFft2d::extent)};
  FieldTiles layout() const { return {size, place, tiles, step, extent}; }
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const TiledFft2d&, const TiledFft2d&) = default;
};

// [N,T F,2,C] -> y: [N,H,W,C] with `map` = {H, W}: the sum of all tiles' pixels at each.
struct InverseTiledFft2d {
  static constexpr std::string_view name = "inverse_tiled_fft2d";
  std::int64_t size = 16;
  Pair place = {0, 0};
  Pair tiles = {1, 1};
  Pair step = {16, 16};
  Pair extent = {16, 16};
  Pair map = {16, 16};
  static constexpr auto fields = std::tuple{
      field("size", &InverseTiledFft2d::size),     field("place", &InverseTiledFft2d::place),
      field("tiles", &InverseTiledFft2d::tiles),   field("step", &InverseTiledFft2d::step),
      field("extent", &InverseTiledFft2d::extent), field("map", &InverseTiledFft2d::map)};
  FieldTiles layout() const { return {size, place, tiles, step, extent}; }
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const InverseTiledFft2d&, const InverseTiledFft2d&) = default;
};

}  // namespace evenkeel
