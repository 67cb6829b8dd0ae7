// Kernels of the captioner for bfloat16 on an NVIDIA GPU, compiled on the machine by NVRTC (CudaKernels.cs): what torch does in several passes over memory, in one.
// No header is included: the machine has none. Each result hangs on its own row alone, so that it is the same whatever stands beside it.
// Sizes in vectors are in units of eight values (16 bytes); a head has 64 values.

typedef long long int64;

__device__ __forceinline__ void widen(uint4 packed, float* wide)
{
    const unsigned words[4] = {packed.x, packed.y, packed.z, packed.w};
#pragma unroll
    for (int i = 0; i < 4; i++)
    {
        wide[2 * i] = __uint_as_float(words[i] << 16);
        wide[2 * i + 1] = __uint_as_float(words[i] & 0xffff0000u);
    }
}

// To the nearest, ties to even.
__device__ __forceinline__ unsigned narrow(float low, float high)
{
    unsigned packed;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(packed) : "f"(high), "f"(low));
    return packed;
}

__device__ __forceinline__ uint4 narrow(const float* wide)
{
    return make_uint4(narrow(wide[0], wide[1]), narrow(wide[2], wide[3]), narrow(wide[4], wide[5]), narrow(wide[6], wide[7]));
}

__device__ __forceinline__ float sum_of_warp(float value)
{
#pragma unroll
    for (int distance = 16; distance > 0; distance /= 2)
    {
        value += __shfl_xor_sync(0xffffffffu, value, distance);
    }

    return value;
}

// The vectors of a row that a lane has: all are asked for before the first is used.
template <int MOST>
__device__ __forceinline__ void load_row(const uint4* row, int vectors, uint4* held)
{
#pragma unroll
    for (int i = 0; i < MOST; i++)
    {
        const int at = (threadIdx.x & 31) + 32 * i;
        held[i] = at < vectors ? row[at] : make_uint4(0, 0, 0, 0);
    }
}

// RMSNorm, a warp a row, MOST vectors a lane at most.
template <int MOST>
__device__ __forceinline__ void root_mean_square(const uint4* row, const uint4* weight, uint4* normalized, int vectors, float epsilon)
{
    uint4 held[MOST];
    float sum = 0, wide[8], factors[8];
    load_row<MOST>(row, vectors, held);
#pragma unroll
    for (int i = 0; i < MOST; i++)
    {
        widen(held[i], wide);
#pragma unroll
        for (int j = 0; j < 8; j++)
        {
            sum += wide[j] * wide[j];
        }
    }

    const float scale = rsqrtf(sum_of_warp(sum) / (8 * vectors) + epsilon);
#pragma unroll
    for (int i = 0; i < MOST; i++)
    {
        const int at = (threadIdx.x & 31) + 32 * i;
        if (at < vectors)
        {
            widen(held[i], wide);
            widen(weight[at], factors);
#pragma unroll
            for (int j = 0; j < 8; j++)
            {
                wide[j] *= scale * factors[j];
            }

            normalized[at] = narrow(wide);
        }
    }
}

// LayerNorm, likewise; the variance from differences to the mean.
template <int MOST>
__device__ __forceinline__ void layer_norm(const uint4* row, const uint4* weight, const uint4* bias, uint4* normalized, int vectors, float epsilon)
{
    uint4 held[MOST];
    float sum = 0, wide[8], factors[8], offsets[8];
    load_row<MOST>(row, vectors, held);
#pragma unroll
    for (int i = 0; i < MOST; i++)
    {
        widen(held[i], wide);
#pragma unroll
        for (int j = 0; j < 8; j++)
        {
            sum += wide[j];
        }
    }

    const float mean = sum_of_warp(sum) / (8 * vectors);
    sum = 0;
#pragma unroll
    for (int i = 0; i < MOST; i++)
    {
        const float there = (threadIdx.x & 31) + 32 * i < vectors ? 1 : 0;
        widen(held[i], wide);
#pragma unroll
        for (int j = 0; j < 8; j++)
        {
            sum += there * (wide[j] - mean) * (wide[j] - mean);
        }
    }

    const float scale = rsqrtf(sum_of_warp(sum) / (8 * vectors) + epsilon);
#pragma unroll
    for (int i = 0; i < MOST; i++)
    {
        const int at = (threadIdx.x & 31) + 32 * i;
        if (at < vectors)
        {
            widen(held[i], wide);
            widen(weight[at], factors);
            widen(bias[at], offsets);
#pragma unroll
            for (int j = 0; j < 8; j++)
            {
                wide[j] = (wide[j] - mean) * scale * factors[j] + offsets[j];
            }

            normalized[at] = narrow(wide);
        }
    }
}

// Of rows, four a block.
#define NORMS(MOST) \
    extern "C" __global__ void __launch_bounds__(128) rms_norm_##MOST( \
        const uint4* hidden, const uint4* weight, uint4* normalized, int vectors, int rows, float epsilon) \
    { \
        const int64 row = (int64)blockIdx.x * 4 + threadIdx.x / 32; \
        if (row < rows) \
        { \
            root_mean_square<MOST>(hidden + row * vectors, weight, normalized + row * vectors, vectors, epsilon); \
        } \
    } \
    extern "C" __global__ void __launch_bounds__(128) layer_norm_##MOST( \
        const uint4* hidden, const uint4* weight, const uint4* bias, uint4* normalized, int vectors, int rows, float epsilon) \
    { \
        const int64 row = (int64)blockIdx.x * 4 + threadIdx.x / 32; \
        if (row < rows) \
        { \
            layer_norm<MOST>(hidden + row * vectors, weight, bias, normalized + row * vectors, vectors, epsilon); \
        } \
    }

NORMS(4)
NORMS(16)

// silu(first half of a row) times its second half.
extern "C" __global__ void __launch_bounds__(256) silu_times(const uint4* halves, uint4* product, int vectors, int rows)
{
    const int64 at = (int64)blockIdx.x * 256 + threadIdx.x;
    if (at >= (int64)rows * vectors)
    {
        return;
    }

    const uint4* row = halves + at / vectors * 2 * vectors + at % vectors;
    float gate[8], up[8];
    widen(row[0], gate);
    widen(row[vectors], up);
#pragma unroll
    for (int j = 0; j < 8; j++)
    {
        gate[j] = gate[j] / (1 + expf(-gate[j])) * up[j];
    }

    product[at] = narrow(gate);
}

// Rows of (query heads, key heads, value heads): queries are rotated where they lie, keys rotated into the cache, values put into it, (sequences, heads, capacity,
// 64) both. A row's sequence is row / count, its position that of its sequence or, without positions, start + row % count. Four threads a head.
extern "C" __global__ void __launch_bounds__(256) rotate_and_store(
    uint4* projected, const float* cosines, const float* sines, const int64* positions, int start, int count, int rows, int heads, int shared, uint4* keys, uint4* values,
    int capacity)
{
    const int64 at = (int64)blockIdx.x * 256 + threadIdx.x;
    const int all = heads + 2 * shared, quarter = (int)(at & 3), head = (int)((at >> 2) % all);
    const int64 row = (at >> 2) / all;
    if (row >= rows)
    {
        return;
    }

    const int64 sequence = row / count, position = positions ? positions[sequence] : start + row % count;
    uint4* source = projected + (row * all + head) * 8;
    uint4 first = source[quarter], second = source[quarter + 4];
    if (head < heads + shared)
    {
        float x[8], y[8], left[8], right[8];
        widen(first, x);
        widen(second, y);
        const float* cosine = cosines + position * 64 + quarter * 8;
        const float* sine = sines + position * 64 + 32 + quarter * 8; // the first half has its sign turned
#pragma unroll
        for (int j = 0; j < 8; j++)
        {
            left[j] = x[j] * cosine[j] - y[j] * sine[j];
            right[j] = y[j] * cosine[j] + x[j] * sine[j];
        }

        first = narrow(left);
        second = narrow(right);
    }

    uint4* target = head < heads ? source
        : head < heads + shared ? keys + ((sequence * shared + head - heads) * capacity + position) * 8
        : values + ((sequence * shared + head - heads - shared) * capacity + position) * 8;
    target[quarter] = first;
    target[quarter + 4] = second;
}

// One query a head over the keys and values of its sequence up to its position: a block of four warps for the GROUP query heads that share keys. Eight lanes hold a
// key, four keys a warp and load; each group of lanes has a running softmax of its own (Milakov and Gimelshein, arXiv 1805.02867), merged at the end.
template <int GROUP>
__device__ __forceinline__ void attend(
    const uint4* projected, const uint4* keys, const uint4* values, const int64* positions, unsigned short* mixed, int heads, int shared, int capacity, float scale)
{
    const int WARPS = 4, LOADS = 4;
    __shared__ float tops[WARPS][GROUP], totals[WARPS][GROUP], sums[WARPS][GROUP][64];
    const int head = blockIdx.x, lane = threadIdx.x & 31, warp = threadIdx.x / 32, part = lane & 7, place = lane / 8;
    const int64 sequence = blockIdx.y;
    const int length = (int)positions[sequence] + 1;
    const uint4* key = keys + (sequence * shared + head) * (int64)capacity * 8 + part;
    const uint4* value = values + (sequence * shared + head) * (int64)capacity * 8 + part;
    float query[GROUP][8], top[GROUP], total[GROUP], sum[GROUP][8];
#pragma unroll
    for (int g = 0; g < GROUP; g++)
    {
        widen(projected[(sequence * (heads + 2 * shared) + head * GROUP + g) * 8 + part], query[g]);
        top[g] = -1e30f;
        total[g] = 0;
#pragma unroll
        for (int j = 0; j < 8; j++)
        {
            query[g][j] *= scale * 1.44269504f; // powers of two below
            sum[g][j] = 0;
        }
    }

    for (int base = warp * 4 * LOADS; base < length; base += WARPS * 4 * LOADS)
    {
        uint4 k[LOADS], v[LOADS];
#pragma unroll
        for (int i = 0; i < LOADS; i++)
        {
            const int at = base + 4 * i + place;
            const bool there = at < length;
            k[i] = there ? key[(int64)at * 8] : make_uint4(0, 0, 0, 0);
            v[i] = there ? value[(int64)at * 8] : make_uint4(0, 0, 0, 0);
        }

        float score[LOADS][GROUP];
#pragma unroll
        for (int i = 0; i < LOADS; i++)
        {
            float wide[8];
            widen(k[i], wide);
#pragma unroll
            for (int g = 0; g < GROUP; g++)
            {
                float product = 0;
#pragma unroll
                for (int j = 0; j < 8; j++)
                {
                    product += query[g][j] * wide[j];
                }

                product += __shfl_xor_sync(0xffffffffu, product, 1);
                product += __shfl_xor_sync(0xffffffffu, product, 2);
                product += __shfl_xor_sync(0xffffffffu, product, 4);
                score[i][g] = product;
            }
        }

#pragma unroll
        for (int g = 0; g < GROUP; g++)
        {
            float highest = top[g];
#pragma unroll
            for (int i = 0; i < LOADS; i++)
            {
                highest = base + 4 * i + place < length ? fmaxf(highest, score[i][g]) : highest;
            }

            const float kept = exp2f(top[g] - highest);
            top[g] = highest;
            total[g] *= kept;
#pragma unroll
            for (int j = 0; j < 8; j++)
            {
                sum[g][j] *= kept;
            }

#pragma unroll
            for (int i = 0; i < LOADS; i++)
            {
                score[i][g] = base + 4 * i + place < length ? exp2f(score[i][g] - highest) : 0;
                total[g] += score[i][g];
            }
        }

#pragma unroll
        for (int i = 0; i < LOADS; i++)
        {
            float wide[8];
            widen(v[i], wide);
#pragma unroll
            for (int g = 0; g < GROUP; g++)
            {
#pragma unroll
                for (int j = 0; j < 8; j++)
                {
                    sum[g][j] += score[i][g] * wide[j];
                }
            }
        }
    }

#pragma unroll
    for (int g = 0; g < GROUP; g++)
    {
        float highest = fmaxf(top[g], __shfl_xor_sync(0xffffffffu, top[g], 8));
        highest = fmaxf(highest, __shfl_xor_sync(0xffffffffu, highest, 16));
        const float kept = exp2f(top[g] - highest);
        total[g] *= kept;
        total[g] += __shfl_xor_sync(0xffffffffu, total[g], 8);
        total[g] += __shfl_xor_sync(0xffffffffu, total[g], 16);
#pragma unroll
        for (int j = 0; j < 8; j++)
        {
            sum[g][j] *= kept;
            sum[g][j] += __shfl_xor_sync(0xffffffffu, sum[g][j], 8);
            sum[g][j] += __shfl_xor_sync(0xffffffffu, sum[g][j], 16);
            if (place == 0)
            {
                sums[warp][g][part * 8 + j] = sum[g][j];
            }
        }

        if (lane == 0)
        {
            tops[warp][g] = highest;
            totals[warp][g] = total[g];
        }
    }

    __syncthreads();
    for (int at = threadIdx.x; at < GROUP * 32; at += WARPS * 32)
    {
        const int g = at / 32, pair = at % 32 * 2;
        float highest = tops[0][g];
#pragma unroll
        for (int i = 1; i < WARPS; i++)
        {
            highest = fmaxf(highest, tops[i][g]);
        }

        float all = 0, low = 0, high = 0;
#pragma unroll
        for (int i = 0; i < WARPS; i++)
        {
            const float kept = exp2f(tops[i][g] - highest);
            all += kept * totals[i][g];
            low += kept * sums[i][g][pair];
            high += kept * sums[i][g][pair + 1];
        }

        ((unsigned*)mixed)[(sequence * heads + head * GROUP + g) * 32 + pair / 2] = narrow(low / all, high / all);
    }
}

#define ATTENTION(GROUP) \
    extern "C" __global__ void __launch_bounds__(128) decode_attention_##GROUP( \
        const uint4* projected, const uint4* keys, const uint4* values, const int64* positions, unsigned short* mixed, int heads, int shared, int capacity, float scale) \
    { \
        attend<GROUP>(projected, keys, values, positions, mixed, heads, shared, capacity, scale); \
    }

ATTENTION(1)
ATTENTION(2)
ATTENTION(3)
ATTENTION(4)
ATTENTION(8)

// Of each row of scores the place of the highest (the first of equals) and its log-probability: log-probabilities first, then places. A block of 512 threads a row.
extern "C" __global__ void __launch_bounds__(512) likeliest(const uint4* scores, double* found, int vectors)
{
    __shared__ float tops[16], totals[16];
    __shared__ int places[16];
    const uint4* row = scores + (int64)blockIdx.x * vectors;
    float top = -3e38f, total = 0;
    int place = 0;
    for (int at = threadIdx.x; at < vectors; at += 512)
    {
        float wide[8];
        widen(row[at], wide);
        const float before = top;
#pragma unroll
        for (int j = 0; j < 8; j++)
        {
            if (wide[j] > top)
            {
                top = wide[j];
                place = at * 8 + j;
            }
        }

        total *= expf(before - top);
#pragma unroll
        for (int j = 0; j < 8; j++)
        {
            total += expf(wide[j] - top); // what is not a number stays one
        }
    }

#pragma unroll
    for (int distance = 16; distance > 0; distance /= 2)
    {
        const float otherTop = __shfl_xor_sync(0xffffffffu, top, distance), otherTotal = __shfl_xor_sync(0xffffffffu, total, distance);
        const int otherPlace = __shfl_xor_sync(0xffffffffu, place, distance);
        const float highest = fmaxf(top, otherTop);
        total = total * expf(top - highest) + otherTotal * expf(otherTop - highest);
        place = otherTop > top || (otherTop == top && otherPlace < place) ? otherPlace : place;
        top = highest;
    }

    if ((threadIdx.x & 31) == 0)
    {
        tops[threadIdx.x / 32] = top;
        totals[threadIdx.x / 32] = total;
        places[threadIdx.x / 32] = place;
    }

    __syncthreads();
    if (threadIdx.x == 0)
    {
        for (int i = 1; i < 16; i++)
        {
            const float highest = fmaxf(top, tops[i]);
            total = total * expf(top - highest) + totals[i] * expf(tops[i] - highest);
            place = tops[i] > top || (tops[i] == top && places[i] < place) ? places[i] : place;
            top = highest;
        }

        found[blockIdx.x] = -(double)logf(total);
        found[gridDim.x + blockIdx.x] = place;
    }
}

// Bytes (images, H, W, 3) to (images, 3, H, W): (byte factor - mean) / deviation, each step rounded as torch rounds it. Eight pixels of a row a thread.
extern "C" __global__ void __launch_bounds__(256) normalize_pixels(
    const uint2* bytes, uint4* pixels, const float* mean, const float* deviation, float factor, int groups, int64 all)
{
    const int64 at = (int64)blockIdx.x * 256 + threadIdx.x;
    if (at >= all)
    {
        return;
    }

    const uint2 loaded[3] = {bytes[at * 3], bytes[at * 3 + 1], bytes[at * 3 + 2]};
    const unsigned words[6] = {loaded[0].x, loaded[0].y, loaded[1].x, loaded[1].y, loaded[2].x, loaded[2].y};
    const int64 image = at / groups, place = at % groups;
#pragma unroll
    for (int channel = 0; channel < 3; channel++)
    {
        float wide[8];
#pragma unroll
        for (int j = 0; j < 8; j++)
        {
            const int byte = 3 * j + channel;
            const float level = (float)((words[byte / 4] >> (byte % 4 * 8)) & 255u);
            wide[j] = __fdiv_rn(__fsub_rn(__fmul_rn(level, factor), mean[channel]), deviation[channel]);
        }

        pixels[(image * 3 + channel) * groups + place] = narrow(wide);
    }
}
