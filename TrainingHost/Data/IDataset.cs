using GraphRewrite.Randomness;
using TrainingHost.Data.Augmentations;
using TrainingHost.Data.Images;

namespace TrainingHost.Data;

/// <summary>Examples by number. Filling is pure: the same index (and draw) gives the same numbers, from any thread.</summary>
internal interface IDataset
{
    /// <summary>For messages: the folder or name that the user gave.</summary>
    string Name { get; }

    int Count { get; }

    /// <summary>What an example brings for each input of the model.</summary>
    IReadOnlyList<ExampleTensor> Inputs { get; }

    ExampleTensor Labels { get; }

    /// <summary>How an example lays an image out; null where it is none.</summary>
    ImageTarget? Image => null;

    /// <summary>Writes an example into a row of the batch.</summary>
    /// <param name="index">Which example.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="row">The row.</param>
    /// <param name="draw">How to vary it; null: as it is.</param>
    void Fill(int index, Batch batch, int row, Draw? draw = null);
}

/// <summary>Random changes to one example: how, and the generator of its own.</summary>
internal readonly record struct Draw(Augmentation Augmentation, Pcg32 Random);

/// <summary>Several examples at once.</summary>
internal static class Filling
{
    /// <summary>Writes examples into the rows of the batch, in the order of the indices, and sets its count.</summary>
    public static void Fill(this IDataset dataset, ReadOnlySpan<int> indices, Batch batch)
    {
        for (int row = 0; row < indices.Length; row++) dataset.Fill(indices[row], batch, row);
        batch.Count = indices.Length;
    }
}
