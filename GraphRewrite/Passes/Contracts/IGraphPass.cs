using GraphRewrite.IR;

namespace GraphRewrite.Passes.Contracts;

/// <summary>
/// A change of a graph, in place: the graph that it is given is the graph that the next pass gets. What it requires must hold before, what it ensures
/// holds after; what held before and is not among what it breaks still holds. A <see cref="Pipeline"/> checks that.
/// </summary>
internal interface IGraphPass
{
    string Name { get; }

    IReadOnlyList<Condition> Requires { get; }

    IReadOnlyList<Condition> Ensures { get; }

    /// <summary>What may hold no longer.</summary>
    IReadOnlyList<Condition> Breaks { get; }

    /// <param name="graph">The graph; changed in place.</param>
    /// <exception cref="Diagnostics.GraphRewriteException">The user's model stands in the way.</exception>
    void Apply(Graph graph);
}
