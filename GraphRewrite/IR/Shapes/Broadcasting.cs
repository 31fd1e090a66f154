namespace GraphRewrite.IR.Shapes;

/// <summary>ONNX's multidirectional broadcasting: axes aligned at the end, an extent of 1 takes any other.</summary>
internal static class Broadcasting
{
    /// <summary>The common shape of all inputs; null where a rank is not known.</summary>
    public static Shape? OfInputs(Node node) => Of(node, [.. node.Inputs.OfType<Value>().Select(input => input.Shape)]);

    public static Shape? Of(Node node, params IReadOnlyList<Shape?> shapes)
    {
        Shape joined = Shape.Scalar;
        foreach (Shape? shape in shapes)
        {
            if (shape is null) return null;
            joined = Join(node, joined, shape);
        }
        return joined;
    }

    private static Shape Join(Node node, Shape a, Shape b)
    {
        var dims = new Dim[Math.Max(a.Rank, b.Rank)];
        for (int i = 1; i <= dims.Length; i++)
            dims[^i] = i > a.Rank ? b[-i] : i > b.Rank ? a[-i] : Join(node, a[-i], b[-i]);
        return new(dims);
    }

    /// <summary>One axis. A known extent other than 1 decides; two symbols may each be 1, so nothing is known.</summary>
    public static Dim Join(Node node, Dim a, Dim b)
    {
        if (a == b || b == 1) return a;
        if (a == 1) return b;
        if (a.IsKnown && b.IsKnown) throw node.Misfit($"the extents {a} and {b} do not broadcast");
        return a.IsKnown ? a : b.IsKnown ? b : Dim.Unknown;
    }
}
