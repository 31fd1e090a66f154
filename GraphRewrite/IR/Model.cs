namespace GraphRewrite.IR;

/// <summary>A model: a graph, the operator sets it speaks, and what was written beside it.</summary>
public sealed class Model(Graph graph)
{
    /// <summary>What it computes.</summary>
    public Graph Graph { get; } = graph;

    /// <summary>The version of the file format.</summary>
    public long IrVersion { get; set; } = 10;

    /// <summary>The tool that wrote the file; this library for models that were made here.</summary>
    public string ProducerName { get; init; } = "TrAct.Onnx";

    /// <summary>The metadata properties, in file order.</summary>
    public OrderedDictionary<string, string> Metadata { get; } = [];

    /// <summary>The local functions.</summary>
    public IReadOnlyList<Function> Functions { get; init; } = [];

    /// <summary>What it was read from, for its writer alone: training information, unknown fields, files beside it.</summary>
    internal object? Origin { get; init; }

    /// <summary>A metadata property, null where absent.</summary>
    internal string? MetadataOf(string key) => Metadata.GetValueOrDefault(key);

    /// <summary>Sets a metadata property, behind all others.</summary>
    internal void SetMetadata(string key, string value)
    {
        Metadata.Remove(key);
        Metadata.Add(key, value);
    }

    /// <summary>A copy that shares nothing that changes (see <see cref="Graph.Clone()"/>).</summary>
    public Model Clone() => CopyAround(Graph.Clone(), [.. Functions.Select(function => function.Clone())]);

    /// <summary>Another graph under this model's header.</summary>
    internal Model CopyAround(Graph graph, IReadOnlyList<Function> functions)
    {
        var copy = new Model(graph) { IrVersion = IrVersion, ProducerName = ProducerName, Functions = functions, Origin = Origin };
        foreach ((string key, string value) in Metadata) copy.Metadata.Add(key, value);
        return copy;
    }
}
