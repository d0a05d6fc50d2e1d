// SPDX-License-Identifier: Apache-2.0
// The transforms of Winograd's algorithms as graph/ops/winograd_conv2d.h has them, per instruction
// set: every number is a vector of as many channels.
#if defined(EVENKEEL_KERNELS_NATIVE_WINOGRAD_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EVENKEEL_KERNELS_NATIVE_WINOGRAD_INL_H_
#undef EVENKEEL_KERNELS_NATIVE_WINOGRAD_INL_H_
#else
#define EVENKEEL_KERNELS_NATIVE_WINOGRAD_INL_H_
#endif

#include "evenkeel/kernels/native/batch_norm-inl.h"
#include "evenkeel/kernels/native/winograd.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {

using TileLanes = hn::CappedTag<float, 16>;
using TileV = hn::Vec<TileLanes>;

HWY_INLINE TileV by(float factor, TileV v, TileV plus) {
  return hn::MulAdd(hn::Set(TileLanes(), factor), v, plus);
}

// F(2 x 2, 3 x 3) at 0, +-1 and infinity. `in(i)` reads, `out(i, v)` writes.
struct Tile2 {
  static constexpr size_t kTile = 2;
  static constexpr size_t kSize = 4;
  // B^T
  template <class In, class Out>
  static HWY_INLINE void image(const In& in, const Out& out) {
    const TileV x0 = in(0), x1 = in(1), x2 = in(2), x3 = in(3);
    out(0, hn::Sub(x2, x0));
    out(1, hn::Add(x1, x2));
    out(2, hn::Sub(x2, x1));
    out(3, hn::Sub(x3, x1));
  }
  // A
  template <class In, class Out>
  static HWY_INLINE void slopes(const In& in, const Out& out) {
    const TileV y0 = in(0), y1 = in(1);
    out(0, y0);
    out(1, hn::Add(y0, y1));
    out(2, hn::Sub(y0, y1));
    out(3, y1);
  }
  // A^T
  template <class In, class Out>
  static HWY_INLINE void result(const In& in, const Out& out) {
    const TileV z1 = in(1), z2 = in(2);
    out(0, hn::Add(in(0), hn::Add(z1, z2)));
    out(1, hn::Add(hn::Sub(z1, z2), in(3)));
  }
};

// F(4 x 4, 3 x 3) at 0, +-a, +-b and infinity: what is even in a point and what is odd is made once
// for both of its signs.
struct Tile4 {
  static constexpr size_t kTile = 4;
  static constexpr size_t kSize = 6;
  static constexpr float kA = 0.625F;
  static constexpr float kB = 1.5F;
  static constexpr float kA2 = kA * kA;
  static constexpr float kB2 = kB * kB;
  template <class In, class Out>
  static HWY_INLINE void image(const In& in, const Out& out) {
    const TileV x1 = in(1), x2 = in(2), x3 = in(3), x4 = in(4);
    const TileV even_a = by(-kB2, x2, x4), odd_a = by(-kB2, x1, x3);
    out(1, by(kA, odd_a, even_a));
    out(2, by(-kA, odd_a, even_a));
    const TileV even_b = by(-kA2, x2, x4), odd_b = by(-kA2, x1, x3);
    out(3, by(kB, odd_b, even_b));
    out(4, by(-kB, odd_b, even_b));
    // (z^2 - a^2) (z^2 - b^2), and z times it
    out(0, by(kA2 * kB2, in(0), by(-(kA2 + kB2), x2, x4)));
    out(5, by(kA2 * kB2, x1, by(-(kA2 + kB2), x3, in(5))));
  }
  template <class In, class Out>
  static HWY_INLINE void slopes(const In& in, const Out& out) {
    const TileV y0 = in(0), y1 = in(1), y2 = in(2), y3 = in(3);
    out(0, y0);
    const TileV even_a = by(kA2, y2, y0), odd_a = by(kA2, y3, y1);
    out(1, by(kA, odd_a, even_a));
    out(2, by(-kA, odd_a, even_a));
    const TileV even_b = by(kB2, y2, y0), odd_b = by(kB2, y3, y1);
    out(3, by(kB, odd_b, even_b));
    out(4, by(-kB, odd_b, even_b));
    out(5, y3);
  }
  template <class In, class Out>
  static HWY_INLINE void result(const In& in, const Out& out) {
    const TileLanes d;
    const TileV z1 = in(1), z2 = in(2), z3 = in(3), z4 = in(4);
    const TileV even_a = hn::Add(z1, z2), odd_a = hn::Sub(z1, z2);
    const TileV even_b = hn::Add(z3, z4), odd_b = hn::Sub(z3, z4);
    out(0, hn::Add(hn::Add(in(0), even_a), even_b));
    out(1, by(kB, odd_b, hn::Mul(hn::Set(d, kA), odd_a)));
    out(2, by(kB2, even_b, hn::Mul(hn::Set(d, kA2), even_a)));
    out(3, by(kB2 * kB, odd_b, by(kA2 * kA, odd_a, in(5))));
  }
};

// Vectors `step` floats apart.
struct VectorsIn {
  const float* at;
  size_t step;
  HWY_INLINE TileV operator()(size_t i) const { return hn::LoadU(TileLanes(), at + i * step); }
};
struct VectorsOut {
  float* at;
  size_t step;
  HWY_INLINE void operator()(size_t i, TileV v) const { hn::StoreU(v, TileLanes(), at + i * step); }
};

// A pixel's vector of channels, of which the last ones may not exist.
HWY_INLINE TileV load_pixel(const float* x, size_t channels) {
  const TileLanes d;
  if (HWY_LIKELY(channels >= hn::Lanes(d))) return hn::LoadU(d, x);
  HWY_ALIGN float copy[hn::MaxLanes(TileLanes())] = {};
  for (size_t c = 0; c < channels; ++c) copy[c] = x[c];
  return hn::Load(d, copy);
}
HWY_INLINE void store_pixel(TileV v, float* x, size_t channels) {
  const TileLanes d;
  if (HWY_LIKELY(channels >= hn::Lanes(d))) return hn::StoreU(v, d, x);
  HWY_ALIGN float copy[hn::MaxLanes(TileLanes())];
  hn::Store(v, d, copy);
  for (size_t c = 0; c < channels; ++c) x[c] = copy[c];
}

// What is done to the pixels that are read: nothing, or batch norm and perhaps ReLU; of a vector of
// channels.
struct AsTheyAre {
  static constexpr bool kMaps = false;
  HWY_INLINE TileV operator()(TileV v) const { return v; }
};
template <bool kRelu>
struct Normalised {
  static constexpr bool kMaps = true;
  Affine affine;
  HWY_INLINE TileV operator()(TileV v) const {
    v = affine(TileLanes(), v, 0);
    if constexpr (kRelu) v = Rectify()(TileLanes(), v);
    return v;
  }
};

// A column of pixels: of rows that lie outside the image, one pixel of zeros again and again, which
// pads the map that `load` makes.
template <size_t kRows, class Load>
struct ColumnIn {
  const float* rows[kRows];
  size_t steps[kRows];  // from a pixel to the next
  size_t column;
  size_t channels;
  const Load& load;
  HWY_INLINE TileV operator()(size_t i) const {
    const TileV v = load_pixel(rows[i] + column * steps[i], channels);
    if constexpr (Load::kMaps)
      if (HWY_UNLIKELY(steps[i] == 0)) return v;
    return load(v);
  }
};

// The same of all channels.
struct LoadAsIs {
  HWY_INLINE AsTheyAre of(size_t) const { return {}; }
};
template <bool kRelu>
struct LoadNormalised {
  Affine affine;
  HWY_INLINE Normalised<kRelu> of(size_t c) const { return {affine.from(c)}; }
};

template <class Tile>
struct ImageOf {
  static constexpr size_t kRows = Tile::kSize;
  static constexpr size_t kSize = Tile::kSize;
  static constexpr size_t kTile = Tile::kTile;
  template <class In, class Out>
  static HWY_INLINE void apply(const In& in, const Out& out) {
    Tile::image(in, out);
  }
};
template <class Tile>
struct SlopesOf {
  static constexpr size_t kRows = Tile::kTile;
  static constexpr size_t kSize = Tile::kSize;
  static constexpr size_t kTile = Tile::kTile;
  template <class In, class Out>
  static HWY_INLINE void apply(const In& in, const Out& out) {
    Tile::slopes(in, out);
  }
};

// Where a group's tiles lie: [F][tiles][channels], frequencies `step` floats apart.
template <typename T>
struct Tiles {
  T* at;
  size_t step;
  size_t channels;
};

// The columns' transform of a strip that begins with row `top` of the padded image, for a vector of
// channels: [kSize][count][lanes].
template <class Transform, class Load>
HWY_INLINE void transform_columns(const Images& x, const float* pixels, size_t channels,
                                  const Load& load, size_t top, size_t count, float* columns) {
  constexpr size_t kRows = Transform::kRows;
  const TileLanes d;
  const size_t L = hn::Lanes(d);
  HWY_ALIGN static constexpr float kZeros[16] = {};
  ColumnIn<kRows, Load> in = {{}, {}, 0, channels, load};
  for (size_t i = 0; i < kRows; ++i) {
    const bool inside = top + i >= x.top && top + i < x.top + x.H;
    in.rows[i] = inside ? pixels + (top + i - x.top) * x.W * x.C : kZeros;
    in.steps[i] = inside ? x.C : 0;
  }
  for (size_t w = 0; w < count; ++w) {
    const VectorsOut out = {columns + w * L, count * L};
    if (w < x.left || w >= x.left + x.W) {
      for (size_t i = 0; i < Transform::kSize; ++i) out(i, hn::Zero(d));
      continue;
    }
    in.column = w - x.left;
    Transform::apply(in, out);
  }
}

// A strip of an image into tiles; load(c) is for the vector of channels that begins with c.
template <class Transform, class LoadOf>
HWY_INLINE void transform_strip(const Tiling& t, const Images& x, const float* image,
                                const LoadOf& load, size_t strip, const Tiles<float>& to,
                                float* scratch) {
  constexpr size_t kSize = Transform::kSize;
  const size_t L = hn::Lanes(TileLanes());
  const size_t count = (t.across - 1) * Transform::kTile + Transform::kRows;
  for (size_t c = 0; c < to.channels; c += L) {
    if (c >= x.C) {
      // Channels of the last block that do not exist.
      for (size_t tile = 0; tile < t.across; ++tile)
        for (size_t f = 0; f < kSize * kSize; ++f)
          VectorsOut{to.at + tile * to.channels + c, to.step}(f, hn::Zero(TileLanes()));
      continue;
    }
    transform_columns<Transform>(x, image + c, x.C - c, load.of(c), strip * Transform::kTile, count,
                                 scratch);
    for (size_t i = 0; i < kSize; ++i)
      for (size_t tile = 0; tile < t.across; ++tile)
        Transform::apply(VectorsIn{scratch + (i * count + tile * Transform::kTile) * L, L},
                         VectorsOut{to.at + i * kSize * to.step + tile * to.channels + c, to.step});
  }
}

// Pixels of a row of y, of which only `columns` exist.
struct PixelsOut {
  float* at;
  size_t step;
  size_t columns;
  size_t channels;
  HWY_INLINE void operator()(size_t i, TileV v) const {
    if (i < columns) store_pixel(v, at + i * step, channels);
  }
};

// Back: the vectors of channels that begin in [begin, end).
template <class Tile>
HWY_INLINE void restore_strip(const Tiling& t, const Tiles<const float>& from, size_t strip,
                              float* image, size_t begin, size_t end, float* scratch) {
  constexpr size_t kSize = Tile::kSize;
  const Images& y = t.y;
  const size_t L = hn::Lanes(TileLanes());
  const size_t top = strip * Tile::kTile;
  const size_t rows = HWY_MIN(Tile::kTile, y.H - top);
  for (size_t k = begin; k < end; k += L)
    for (size_t tile = 0; tile < t.across; ++tile) {
      const float* at = from.at + tile * from.channels + k;
      for (size_t j = 0; j < kSize; ++j)
        Tile::result(VectorsIn{at + j * from.step, kSize * from.step},
                     VectorsOut{scratch + j * L, kSize * L});
      const size_t left = tile * Tile::kTile;
      for (size_t i = 0; i < rows; ++i)
        Tile::result(
            VectorsIn{scratch + i * kSize * L, L},
            PixelsOut{image + ((top + i) * y.W + left) * y.C + k, y.C, y.W - left, y.C - k});
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#endif
