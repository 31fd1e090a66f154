namespace TrActOnnx.Tests.Fuzz;

/// <summary>Damage to bytes that knows nothing of what they mean: flips, cuts, copies, numbers at the edges of their types.</summary>
internal static class ByteMutation
{
    private static readonly long[] Edges =
        [0, 1, -1, 127, 128, 255, 256, 32767, 65535, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue, 1L << 31];

    public static byte[] Apply(byte[] source, Random random)
    {
        byte[] bytes = [.. source];
        for (int times = 1 + random.Next(4); times > 0 && bytes.Length > 0; times--) bytes = Once(bytes, random);
        return bytes;
    }

    private static byte[] Once(byte[] bytes, Random random)
    {
        int at = random.Next(bytes.Length), length = Math.Min(bytes.Length - at, 1 + random.Next(random.Next(4) == 0 ? bytes.Length : 16));
        switch (random.Next(8))
        {
            case 0:
                return bytes[..at];
            case 1:
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 2: // a copy elsewhere
                int to = random.Next(bytes.Length);
                return [.. bytes[..to], .. bytes[at..(at + length)], .. bytes[to..]];
            case 3:
                random.NextBytes(bytes.AsSpan(at, length));
                return bytes;
            case 4:
                byte[] edge = BitConverter.GetBytes(Edges[random.Next(Edges.Length)]);
                if (random.Next(2) == 0) Array.Reverse(edge);
                int width = Math.Min(bytes.Length - at, 1 << random.Next(4));
                edge.AsSpan(0, width).CopyTo(bytes.AsSpan(at));
                return bytes;
            default:
                for (int i = 1 + random.Next(8); i > 0; i--) bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                return bytes;
        }
    }
}
