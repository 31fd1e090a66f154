namespace GraphRewrite.IR.Shapes;

/// <summary>MatMul, Gemm and their fused forms.</summary>
internal static class MatrixProducts
{
    /// <summary>Y [M, N] from A' [M, K] and B' [K, N].</summary>
    public static IReadOnlyList<ValueInfo> Gemm(Node n)
    {
        bool transA = n.Int("transA", 0) != 0, transB = n.Int("transB", 0) != 0;
        if (n.In(0).Shape is not { } a || n.In(1).Shape is not { } b) return [new(n.In(0).Type, null)];
        (a, b) = (n.Ranked(a, 2), n.Ranked(b, 2));
        CheckInner(n, a[transA ? 0 : 1], b[transB ? 1 : 0]);
        return [new(n.In(0).Type, Shape.Of(a[transA ? 1 : 0], b[transB ? 0 : 1]))];
    }

    /// <summary>
    /// Y […, M, N] from stacks of matrices, whose leading axes broadcast. A vector counts as a matrix of one row (A) or one column (B), whose axis
    /// goes again.
    /// </summary>
    public static IReadOnlyList<ValueInfo> MatMul(Node n) => [new(n.In(0).Type, Product(n, n.In(0).Shape, n.In(1).Shape))];

    /// <summary>MatMul of integers: Y is int32.</summary>
    public static IReadOnlyList<ValueInfo> MatMulInteger(Node n) => [new(ElementType.Int32, Product(n, n.In(0).Shape, n.In(1).Shape))];

    /// <summary>
    /// alpha·A'B'. transA swaps A's last two axes; transBatchA before that moves its first axis behind the batch axes: [M, batch…, K] → [batch…, M,
    /// K].
    /// </summary>
    public static IReadOnlyList<ValueInfo> FusedMatMul(Node n) => [new(n.In(0).Type, Product(n, Turned(n, 0, "A"), Turned(n, 1, "B")))];

    /// <summary>Y [N, S, h·v] from Q [N, S, h·d] and V [N, T, h·v].</summary>
    public static IReadOnlyList<ValueInfo> MultiHeadAttention(Node n) =>
    [
        new(n.In(0).Type, n.In(0).Shape is { Rank: 3 } q && n.InOrNull(2)?.Shape is { Rank: 3 } v ? Shape.Of(q[0], q[1], v[2]) : null),
    ];

    private static Shape? Turned(Node n, int input, string letter)
    {
        if (n.In(input).Shape is not { Rank: >= 2 } x) return n.In(input).Shape;
        if (n.Int($"transBatch{letter}", 0) != 0) x = new([.. x.Skip(1).Take(x.Rank - 2), x[0], x[-1]]);
        return n.Int($"trans{letter}", 0) == 0 ? x : new([.. x.Take(x.Rank - 2), x[-1], x[-2]]);
    }

    private static Shape? Product(Node n, Shape? a, Shape? b)
    {
        if (a is null || b is null) return null;
        (a, b) = (n.Ranked(a, 1), n.Ranked(b, 1));
        CheckInner(n, a[-1], b[b.Rank == 1 ? 0 : -2]);
        Shape batch = Broadcasting.Of(n, new Shape([.. a.Take(Math.Max(0, a.Rank - 2))]), new Shape([.. b.Take(Math.Max(0, b.Rank - 2))]))!;
        return new([.. batch, .. a.Rank == 1 ? [] : new[] { a[-2] }, .. b.Rank == 1 ? [] : new[] { b[-1] }]);
    }

    private static void CheckInner(Node n, Dim a, Dim b)
    {
        if (a.IsKnown && b.IsKnown && a != b) throw n.Misfit($"the inner extents {a} and {b} differ");
    }
}
