using GraphRewrite.Protos;

namespace GraphRewrite.IR;

/// <summary>A model: a graph, the operator sets it speaks, and what was written beside it.</summary>
public sealed class Model(Graph graph)
{
    public Graph Graph { get; } = graph;

    public long IrVersion { get; set; } = 10;

    public string ProducerName { get; set; } = "TrAct.Onnx";

    /// <summary>The metadata properties, in file order.</summary>
    public List<KeyValuePair<string, string>> Metadata { get; } = [];

    /// <summary>Whether the model declares local functions.</summary>
    public bool HasFunctions => Source is { Functions.Count: > 0 };

    internal ModelProto? Source { get; set; }

    /// <summary>A metadata property, null where absent.</summary>
    public string? MetadataOf(string key) => Metadata.Find(pair => pair.Key == key).Value;

    public void SetMetadata(string key, string value)
    {
        Metadata.RemoveAll(pair => pair.Key == key);
        Metadata.Add(new(key, value));
    }
}
