namespace TrActOnnx.Tests.Reference;

/// <summary>A window's attributes, with the explicit pads that auto_pad stands for.</summary>
internal sealed record WindowCase(long[] Input, long[] Kernel, long[] Strides,
    long[] Dilations, long[] PadsBegin, long[] PadsEnd, string AutoPad, bool Ceil)
{
    public int Rank => Input.Length;

    public long[] Output => [.. Input.Select((_, axis) => OutputOf(axis))];

    /// <summary>Where a kernel position of an output lies in the input; negative or too large in the padding.</summary>
    public long[] At(long[] output, long[] position) =>
        [.. output.Select((o, axis) => (o * Strides[axis]) + (position[axis] * Dilations[axis]) - PadsBegin[axis])];

    public (string Name, object Value)[] Attributes => AutoPad == "NOTSET"
        ? [("kernel_shape", Kernel), ("strides", Strides), ("dilations", Dilations), ("pads", (long[])[.. PadsBegin, .. PadsEnd])]
        : [("strides", Strides), ("dilations", Dilations), ("auto_pad", AutoPad)];

    private long OutputOf(int axis)
    {
        long room = Input[axis] + PadsBegin[axis] + PadsEnd[axis] - ((Kernel[axis] - 1) * Dilations[axis]) - 1;
        long count = (Ceil ? (room + Strides[axis] - 1) / Strides[axis] : room / Strides[axis]) + 1;
        return Ceil && (count - 1) * Strides[axis] >= Input[axis] + PadsBegin[axis] ? count - 1 : count;
    }

    /// <summary>Windows side by side, which may leave a rest of the input.</summary>
    public static WindowCase RandomTiles(Random random, int rank)
    {
        long[] kernel = [.. Enumerable.Range(0, rank).Select(_ => random.NextInt64(1, 4))], none = new long[rank];
        long[] input = [.. kernel.Select(k => (k * random.NextInt64(1, 4)) + random.NextInt64(0, k))];
        return new(input, kernel, kernel, [.. kernel.Select(_ => 1L)], none, none, "NOTSET", Ceil: false);
    }

    /// <summary>Random attributes under which every axis has at least one output.</summary>
    public static WindowCase Random(Random random, int rank, bool pool)
    {
        string autoPad = random.Next(4) == 0 ? new[] { "SAME_UPPER", "SAME_LOWER", "VALID" }[random.Next(3)] : "NOTSET";
        bool ceil = pool && autoPad == "NOTSET" && random.Next(2) == 0;
        int limit = rank == 1 ? 14 : rank == 2 ? 9 : 6;
        long[] kernel = Draw(1, 5);
        bool isDense = autoPad.StartsWith("SAME", StringComparison.Ordinal) || random.Next(2) == 0;
        long[] dilations = isDense ? Draw(1, 2) : Draw(1, 4);
        long[] strides = random.Next(3) == 0 ? Draw(1, 2) : Draw(1, 4);
        long[] begin = new long[rank], end = new long[rank], input = new long[rank];
        for (int axis = 0; axis < rank; axis++)
        {
            long extent = ((kernel[axis] - 1) * dilations[axis]) + 1;
            if (autoPad == "NOTSET")
            {
                // A pool's pads stay below its kernel; a convolution's may exceed it.
                int most = pool ? (int)kernel[axis] : (int)extent + 1;
                (begin[axis], end[axis]) = (random.Next(most), random.Next(most));
            }
            input[axis] = Math.Max(random.Next(2, limit), Math.Max(1, extent - begin[axis] - end[axis]));
            if (!autoPad.StartsWith("SAME", StringComparison.Ordinal)) continue;
            long total = Math.Max(0, ((((input[axis] + strides[axis] - 1) / strides[axis]) - 1) * strides[axis]) + extent - input[axis]);
            begin[axis] = autoPad == "SAME_LOWER" ? total - (total / 2) : total / 2;
            end[axis] = total - begin[axis];
        }
        return new(input, kernel, strides, dilations, begin, end, autoPad, ceil);

        long[] Draw(int from, int to) => [.. Enumerable.Range(0, rank).Select(_ => (long)random.Next(from, to))];
    }

    public override string ToString() =>
        $"input [{string.Join(",", Input)}] kernel [{string.Join(",", Kernel)}] strides [{string.Join(",", Strides)}] dilations " +
            $"[{string.Join(",", Dilations)}] pads [{string.Join(",", PadsBegin)}|{string.Join(",", PadsEnd)}] {AutoPad}{(Ceil ? " ceil" : "")}";
}
