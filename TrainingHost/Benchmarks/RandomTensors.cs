using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Randomness;
using GraphRewrite.StepGraphs;
using TrainingHost.Data;

namespace TrainingHost.Benchmarks;

/// <summary>Parameters and batches of a model's own shapes, from a seed: for timing, where the values do not matter but must be sound.</summary>
internal static class RandomTensors
{
    private const long ParameterStream = 1;
    private const long BatchStream = 2;

    /// <summary>Matrices and kernels: normal with variance 1/fan_in. Vectors: ones where they scale (weight, running_var), else zeros.</summary>
    public static Dictionary<string, Tensor> Parameters(TrainingGraph training, int seed) =>
        training.Trainable.Concat(training.Frozen).Index().ToDictionary(pair => pair.Item, pair => Parameter(training.Graph.Get(pair.Item), seed, pair.Index));

    /// <param name="training">The model.</param>
    /// <param name="logits">The prediction; its second dimension bounds the labels.</param>
    /// <param name="batchSize">Examples.</param>
    /// <param name="seed">Of the numbers.</param>
    public static IReadOnlyDictionary<string, Tensor> Batch(TrainingGraph training, string logits, int batchSize, int seed)
    {
        long classes = training.Graph.Get(logits).Shape is { Rank: > 1 } shape && shape[1].IsKnown ? shape[1].Value : 2;
        return training.BatchInputs.Index().ToDictionary(pair => pair.Item, pair => Input(training.Graph.Get(pair.Item), batchSize, classes, seed, pair.Index));
    }

    private static Tensor Parameter(Value parameter, int seed, int index)
    {
        long[] dims = Extents(parameter, null);
        if (dims.Length < 2)
            return Tensor.Filled(parameter.Type, dims, parameter.Name.EndsWith("weight", StringComparison.Ordinal) || parameter.Name.EndsWith("var", StringComparison.Ordinal) ? 1 : 0);
        float scale = 1 / MathF.Sqrt(dims.Skip(1).Aggregate(1L, (product, dim) => product * dim));
        return Tensor.Of(dims, Normal(dims, Pcg32.For(seed, ParameterStream, index), scale));
    }

    private static Tensor Input(Value input, int batchSize, long classes, int seed, int index)
    {
        long[] dims = Extents(input, batchSize);
        var random = Pcg32.For(seed, BatchStream, index);
        if (input.Type == ElementType.Float) return Tensor.Of(dims, Normal(dims, random, 1));
        if (input.Type != ElementType.Int64) throw new GraphRewriteException($"bench: the input '{input.Name}' is {input.Type}; Float and Int64 can be made.");
        var labels = new long[dims.Aggregate(1L, (product, dim) => product * dim)];
        for (int i = 0; i < labels.Length; i++) labels[i] = random.Next((uint)classes);
        return Tensor.Of(dims, labels);
    }

    private static float[] Normal(long[] dims, Pcg32 random, float scale)
    {
        var values = new float[dims.Aggregate(1L, (product, dim) => product * dim)];
        for (int i = 0; i < values.Length; i++) values[i] = random.NextNormal() * scale;
        return values;
    }

    private static long[] Extents(Value value, long? batchSize)
    {
        Shape shape = value.Shape ?? throw new GraphRewriteException($"bench: the input '{value.Name}' declares no shape.");
        return [.. shape.Select((dim, axis) => dim.IsKnown ? dim.Value
            : axis == 0 && batchSize is { } size ? size
            : throw new GraphRewriteException($"bench: the input '{value.Name}' is {value.Type}{shape}; its extents apart from the batch must be known."))];
    }
}
