using GraphRewrite.IR;

namespace GraphRewrite.Artifacts;

/// <summary>What an optimizer remembers between steps. 1.19.2 writes one group, <c>group0</c>.</summary>
public sealed class OptimizerGroup(string name)
{
    /// <summary>The group's name in the file.</summary>
    public string Name { get; } = name;

    /// <summary>Steps taken.</summary>
    public long Step { get; set; }

    /// <summary>The learning rate that the file records; ONNX Runtime's schedules start from it.</summary>
    public float InitialLearningRate { get; set; }

    /// <summary>
    /// Per parameter, its moments: <c>momentum0</c> is AdamW's m, <c>momentum1</c> its v. SGD has a <c>momentum0</c> too, of zeros.
    /// </summary>
    public OrderedDictionary<string, OrderedDictionary<string, Tensor>> Momentums { get; } = [];
}
