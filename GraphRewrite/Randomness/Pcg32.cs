namespace GraphRewrite.Randomness;

/// <summary>
/// PCG-XSH-RR 64/32 (O'Neill 2014): state ← 6364136223846793005·state + increment; out = rotr32((state ≫ 18 ⊕ state) ≫ 27, state ≫ 59).
/// Its numbers are fixed by the paper, so a run is the same on every version of .NET, which System.Random does not promise.
/// </summary>
public struct Pcg32
{
    private readonly ulong increment;
    private ulong state;

    /// <summary>The reference implementation's <c>pcg32_srandom</c>.</summary>
    public Pcg32(ulong seed, ulong stream)
    {
        increment = (stream << 1) | 1;
        state = 0;
        Next();
        state += seed;
        Next();
    }

    /// <summary>A generator of its own for each (seed, purpose, index), so that example i needs none of the numbers before it.</summary>
    public static Pcg32 For(int seed, long purpose, long index) => new(Mix(Mix(Mix((uint)seed) ^ (ulong)purpose) ^ (ulong)index), stream: 0);

    /// <summary>The next 32 bits.</summary>
    public uint Next()
    {
        ulong old = state;
        state = unchecked((old * 6364136223846793005UL) + increment);
        return uint.RotateRight((uint)(((old >> 18) ^ old) >> 27), (int)(old >> 59));
    }

    /// <summary>Uniform over 0 … bound − 1; numbers below 2³² mod bound are rejected, so that no remainder is favoured.</summary>
    public uint Next(uint bound)
    {
        uint threshold = unchecked(0u - bound) % bound;
        uint number;
        do number = Next();
        while (number < threshold);
        return number % bound;
    }

    /// <summary>Uniform over [0, 1), 24 bits.</summary>
    public float NextSingle() => (Next() >> 8) * (1f / (1 << 24));

    /// <summary>Standard normal: √(−2 ln(1 − u)) · cos(2πv) (Box and Muller).</summary>
    public float NextNormal()
    {
        float radius = MathF.Sqrt(-2 * MathF.Log(1 - NextSingle()));
        return radius * MathF.Cos(2 * MathF.PI * NextSingle());
    }

    /// <summary>SplitMix64's finalizer: near seeds give unrelated states.</summary>
    private static ulong Mix(ulong z)
    {
        unchecked
        {
            z += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
