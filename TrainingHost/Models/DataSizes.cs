using GraphRewrite.IR;
using TrainingHost.Data.Images;
using TrainingHost.Data.Sources;
using TrainingHost.Settings;

namespace TrainingHost.Models;

/// <summary>Extents that a model leaves open, as the data has them: height and width of its images, dimensions of its arrays.</summary>
internal static class DataSizes
{
    /// <param name="choice">The data.</param>
    /// <param name="inputs">The forward model's inputs, as it declares them.</param>
    /// <returns>The extent of each symbol; none for synthetic data, and for the batch.</returns>
    /// <exception cref="GraphRewrite.Diagnostics.GraphRewriteException">The data cannot be read.</exception>
    public static Dictionary<string, long> Of(DataChoice choice, IReadOnlyList<Value> inputs)
    {
        var sizes = new Dictionary<string, long>();
        if (choice.Data == DataSource.Synthetic || !inputs.Any(input => input.Shape is { } shape && shape.Skip(1).Any(IsSymbol))) return sizes;
        ExampleInputs examples = DataSource.Open(choice, [.. inputs.Select(input => input.Name), "labels"]).Training.Inputs;
        string? batch = inputs[0].Shape is { Rank: > 0 } first ? first[0].Symbols : null;
        foreach ((Value input, IReadOnlyList<long> dims) in inputs.Zip(Dims(choice, inputs, examples)))
        {
            if (input.Shape is not { } shape || shape.Rank != dims.Count + 1) continue;
            foreach ((Dim dim, long extent) in shape.Skip(1).Zip(dims))
                if (IsSymbol(dim) && dim.Symbols != batch) sizes.TryAdd(dim.Symbols!, extent);
        }
        return sizes;
    }

    /// <summary>What the data brings for each input, without the batch axis; nothing where it does not go with the model, as will be said later.</summary>
    private static IEnumerable<IReadOnlyList<long>> Dims(DataChoice choice, IReadOnlyList<Value> inputs, ExampleInputs examples) => examples switch
    {
        ImageInputs images when inputs is [{ Shape: { } shape } input] =>
            [ImageTarget.Of(input.Name, input.Type, shape, images.Images.Size, choice.ImageSize).Dims],
        ArrayInputs arrays when inputs.Count == arrays.Arrays.Count => arrays.Arrays.Select(array => array.Dims),
        _ => [],
    };

    private static bool IsSymbol(Dim dim) => dim is { Symbols: not null, Factor: 1 };
}
