using GraphRewrite.IR.Windows;

namespace GraphRewrite.IR.Shapes;

/// <summary>This project's own operators.</summary>
internal static class TrActOps
{
    /// <summary>X → XᵀX [n, n] or [g, n, n], and b.</summary>
    public static IReadOnlyList<ValueInfo> PatchGram(Node n)
    {
        PatchGeometry patches = PatchGeometry.Of(n);
        long[] matrix = [patches.Features, patches.Features];
        return [new(n.In(0).Type, Shape.From(patches.Groups == 1 ? matrix : [patches.Groups, .. matrix])), new(n.In(0).Type, Shape.Of())];
    }

    /// <summary>X, dY → XᵀX [n, n] or [g, n, n], dYᵀX [m, n] or [g, m/g, n], and b; all in Double.</summary>
    public static IReadOnlyList<ValueInfo> PatchProducts(Node n)
    {
        PatchGeometry patches = PatchGeometry.Of(n);
        if (patches.Groups < 1) throw n.Misfit($"it has {patches.Groups} groups");
        long[] groups = patches.Groups == 1 ? [] : [patches.Groups];
        return
        [
            new(ElementType.Double, Shape.From([.. groups, patches.Features, patches.Features])),
            new(ElementType.Double, Shape.From([.. groups, n.Int("outputs", 0) / patches.Groups, patches.Features])),
            new(ElementType.Double, Shape.Of()),
        ];
    }

    /// <summary>X → rows [b, n] or [g, b, n], and b.</summary>
    public static IReadOnlyList<ValueInfo> PatchRows(Node n)
    {
        PatchGeometry patches = PatchGeometry.Of(n);
        if (n.In(0).Shape is { } x) n.Ranked(x, patches.IsConv ? patches.Kernel.Length + 2 : patches.TransposedX ? 2 : 1);
        if (patches.IsConv && n.In(0).Shape?.Rank > patches.Kernel.Length + 2) throw n.Misfit($"its window has {patches.Kernel.Length} axes");
        Dim rows = patches.Rows(n.In(0).Shape);
        Shape shape = patches.Groups == 1 ? Shape.Of(rows, patches.Features) : Shape.Of(patches.Groups, rows, patches.Features);
        return [new(n.In(0).Type, shape), new(n.In(0).Type, Shape.Of())];
    }
}
