namespace TrainingHost.Reporting;

/// <summary>What a box of a drawing is, which decides its colour.</summary>
internal enum BoxKind
{
    /// <summary>A value from outside: an input, a parameter, λ.</summary>
    Value,

    /// <summary>An operator that multiplies matrices.</summary>
    Product,

    Operator,

    /// <summary>What the rewrite has put in.</summary>
    Replaced,

    /// <summary>Many nodes that are not drawn.</summary>
    Rest,
}

/// <summary>A box of a drawing.</summary>
/// <param name="Title">The operator, or the value's name.</param>
/// <param name="Detail">The node's name, or what the value is.</param>
/// <param name="Kind">What it is.</param>
internal sealed record DrawnBox(string Title, string Detail, BoxKind Kind);

/// <summary>A value that flows from one box to another.</summary>
/// <param name="From">The number of a box.</param>
/// <param name="To">The number of a box.</param>
/// <param name="Label">Its shape.</param>
internal sealed record DrawnEdge(int From, int To, string Label);

/// <summary>A graph to draw: boxes, and edges that run in no circle.</summary>
internal sealed record DrawnGraph(string Title, IReadOnlyList<DrawnBox> Boxes, IReadOnlyList<DrawnEdge> Edges);
