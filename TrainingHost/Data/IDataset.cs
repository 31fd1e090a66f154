namespace TrainingHost.Data;

/// <summary>Examples by number. Filling is pure: the same index gives the same numbers, from any thread.</summary>
internal interface IDataset
{
    /// <summary>For messages: the folder or name that the user gave.</summary>
    string Name { get; }

    int Count { get; }

    /// <summary>What an example brings for each input of the model.</summary>
    IReadOnlyList<ExampleTensor> Inputs { get; }

    ExampleTensor Labels { get; }

    /// <summary>Writes the examples into the rows of the batch, in the order of the indices, and sets its count.</summary>
    void Fill(ReadOnlySpan<int> indices, Batch batch);

    /// <summary>Refuses labels outside 0 … classes − 1.</summary>
    /// <exception cref="GraphRewrite.Diagnostics.GraphRewriteException">An example's label is out of range.</exception>
    void CheckLabels(long classes);
}

/// <summary>What <c>--data</c> names: examples to train on, and those to test on where there are any.</summary>
internal sealed record DataSplit(IDataset Training, IDataset? Test);
