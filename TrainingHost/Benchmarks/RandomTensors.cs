using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Randomness;
using GraphRewrite.StepGraphs;
using TrainingHost.Data;
using TrainingHost.Models;

namespace TrainingHost.Benchmarks;

/// <summary>Parameters and batches of a model's own shapes, from a seed: for timing, where the values do not matter but must be sound.</summary>
internal static class RandomTensors
{
    private const long ParameterStream = 1;

    /// <summary>Matrices and kernels: normal with variance 1/fan_in. Vectors: ones where they scale (weight, running_var), else zeros.</summary>
    /// <exception cref="GraphRewriteException">A parameter's shape is not known.</exception>
    public static Dictionary<string, Tensor> Parameters(TrainingGraph training, int seed) => training.Trainable.Concat(training.Frozen).Index()
        .ToDictionary(pair => pair.Item, pair => Parameter(training.Graph.Get(pair.Item), seed, pair.Index));

    /// <summary>A batch as <c>train --data synthetic</c> would draw it.</summary>
    /// <param name="training">The model.</param>
    /// <param name="prediction">What it predicts; its second dimension bounds the labels.</param>
    /// <param name="batchSize">Examples, where the model does not say itself how many it takes.</param>
    /// <param name="seed">Of the numbers.</param>
    /// <exception cref="GraphRewriteException">An input is of a type, or has extents, that no numbers can be made for.</exception>
    public static IReadOnlyDictionary<string, Tensor> Batch(TrainingGraph training, string prediction, int batchSize, int seed)
    {
        SyntheticTensor[] tensors = SyntheticInputs.Of(training, prediction, "bench");
        Dim first = training.Graph.Get(training.BatchInputs[0]).Shape![0];
        int rows = first.IsKnown ? (int)first.Value : batchSize;
        var dataset = new SyntheticDataset(tensors[..^1], tensors[^1], rows, seed);
        var batch = new Batch(dataset, rows);
        dataset.Fill([.. Enumerable.Range(0, rows)], batch);
        return batch.Inputs.Append(batch.Labels).ToDictionary(filled => filled.Example.Name, filled => ToTensor(filled, rows));
    }

    private static Tensor ToTensor(BatchTensor filled, int rows)
    {
        long[] dims = [rows, .. filled.Example.Dims];
        return filled.Example.Type == ElementType.Int64 ? Tensor.Of(dims, filled.Integers) : Tensor.Of(dims, filled.Floats);
    }

    private static Tensor Parameter(Value parameter, int seed, int index)
    {
        if (parameter.Shape is not { IsStatic: true } shape)
            throw new GraphRewriteException($"bench: the parameter {parameter} must have known extents.");
        long[] dims = [.. shape.Extents()];
        if (dims.Length < 2) return Tensor.Filled(parameter.Type, dims, Scales(parameter.Name) ? 1 : 0);
        float scale = 1 / MathF.Sqrt(dims.Skip(1).Aggregate(1L, (product, dim) => product * dim));
        return Tensor.Of(dims, Normal(dims, Pcg32.For(seed, ParameterStream, index), scale));
    }

    private static bool Scales(string vector) =>
        vector.EndsWith("weight", StringComparison.Ordinal) || vector.EndsWith("var", StringComparison.Ordinal);

    private static float[] Normal(long[] dims, Pcg32 random, float scale)
    {
        var values = new float[dims.Aggregate(1L, (product, dim) => product * dim)];
        for (int i = 0; i < values.Length; i++) values[i] = random.NextNormal() * scale;
        return values;
    }
}
