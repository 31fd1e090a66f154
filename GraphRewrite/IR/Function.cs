namespace GraphRewrite.IR;

/// <summary>
/// A local function of a model: an operator that is defined by a graph. Its inputs, outputs and operator sets are those of the body.
/// </summary>
public sealed class Function(OpId id, Graph body)
{
    /// <summary>What nodes call it by.</summary>
    public OpId Id { get; } = id;

    /// <summary>The nodes; attributes with a <see cref="NodeAttribute.Reference"/> take the call's value.</summary>
    public Graph Body { get; } = body;

    /// <summary>Attributes that a call may leave out, with their values.</summary>
    public IReadOnlyList<NodeAttribute> Defaults { get; init; } = [];

    /// <summary>What it was read from, for its writer alone.</summary>
    internal object? Origin { get; init; }

    /// <summary>A copy that shares nothing that changes (see <see cref="Graph.Clone()"/>).</summary>
    public Function Clone() => new(Id, Body.Clone()) { Defaults = Defaults, Origin = Origin };
}
