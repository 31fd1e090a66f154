namespace GraphRewrite.Artifacts;

/// <summary>What a user of ONNX Runtime Training stored beside the parameters, such as the epoch.</summary>
public sealed class CheckpointProperties
{
    public OrderedDictionary<string, long> Ints { get; } = [];

    public OrderedDictionary<string, float> Floats { get; } = [];

    public OrderedDictionary<string, string> Strings { get; } = [];
}
