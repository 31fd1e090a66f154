namespace GraphRewrite.IR.Shapes;

/// <summary>If: what both branches agree on, as they declare their outputs.</summary>
internal static class Branches
{
    public static IReadOnlyList<ValueInfo> Join(Node n)
    {
        Graph[] branches = [.. n.Subgraphs];
        return branches is [Graph first, Graph second] && first.Outputs.Count == second.Outputs.Count
            ? [.. first.Outputs.Zip(second.Outputs, Join)]
            : [];
    }

    private static ValueInfo Join(Value a, Value b)
    {
        ElementType type = a.Type == b.Type ? a.Type : ElementType.Undefined;
        if (a.Shape is not { } first || b.Shape is not { } second || first.Rank != second.Rank) return new(type, null);
        return new(type, new([.. first.Zip(second, (x, y) => x == y ? x : Dim.Unknown)]));
    }
}
