using GraphRewrite.IR;

namespace GraphRewrite.Passes.Contracts;

/// <summary>A row of a pipeline's table: a pass with what it requires, ensures and breaks. Parameters come with the change as its closure.</summary>
internal sealed record Pass(
    string Name,
    IReadOnlyList<Condition> Requires,
    IReadOnlyList<Condition> Ensures,
    IReadOnlyList<Condition> Breaks,
    Action<Graph> Change) : IGraphPass
{
    /// <summary>A pass that breaks nothing.</summary>
    public Pass(string name, IReadOnlyList<Condition> requires, IReadOnlyList<Condition> ensures, Action<Graph> change)
        : this(name, requires, ensures, [], change)
    {
    }

    public void Apply(Graph graph) => Change(graph);
}
