using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using TrainingHost.Data.Images;

namespace TrainingHost.Data.Sources;

/// <summary>What a source brings for the model's inputs: images, or arrays of numbers.</summary>
internal abstract record ExampleInputs
{
    public abstract int Count { get; }

    public abstract string Place(int row);

    public abstract void Identify(IncrementalHash hash);
}

/// <summary>Images, for a model of one input.</summary>
internal sealed record ImageInputs(IImageSource Images) : ExampleInputs
{
    public override int Count => Images.Count;

    public override string Place(int row) => Images.Place(row);

    public override void Identify(IncrementalHash hash) => Images.Identify(hash);
}

/// <summary>An array for each of the model's inputs.</summary>
/// <param name="Arrays">In the model's order.</param>
/// <param name="Features">The columns' names, of a table; null for arrays. A table's columns are standardized.</param>
internal sealed record ArrayInputs(IReadOnlyList<ExampleArray> Arrays, IReadOnlyList<string>? Features = null) : ExampleInputs
{
    public override int Count => Arrays[0].Count;

    public override string Place(int row) => Arrays[0].Place(row);

    public override void Identify(IncrementalHash hash)
    {
        foreach (ExampleArray array in Arrays) array.Identify(hash);
    }
}

/// <summary>Numbers, one row an example.</summary>
/// <param name="Name">The file or column that they came from.</param>
/// <param name="Dims">Dimensions of one example; none: a number.</param>
/// <param name="Floats">Row after row; null where they are integers.</param>
/// <param name="Integers">Row after row; null where they are not.</param>
internal sealed record ExampleArray(string Name, IReadOnlyList<long> Dims, float[]? Floats, long[]? Integers)
{
    /// <summary>Elements of an example.</summary>
    public int Length { get; } = checked((int)Dims.Aggregate(1L, (product, dim) => checked(product * dim)));

    public int Count => (Floats?.Length ?? Integers!.Length) / Math.Max(1, Length);

    /// <summary>What a message calls a row; null: "row 7 of NAME".</summary>
    public Func<int, string>? Places { get; init; }

    public string Place(int row) => Places?.Invoke(row) ?? $"{Name}, example {row}";

    public void Identify(IncrementalHash hash)
    {
        hash.AppendData(MemoryMarshal.AsBytes<long>([.. Dims]));
        hash.AppendData(Floats is not null ? MemoryMarshal.AsBytes<float>(Floats) : MemoryMarshal.AsBytes<long>(Integers!));
    }
}

/// <summary>Labels: class indices with their names, or numbers.</summary>
/// <param name="Values">One row an example.</param>
/// <param name="ClassNames">Name of each class, where the source has names: then the values are indices into them.</param>
internal sealed record ExampleLabels(ExampleArray Values, IReadOnlyList<string>? ClassNames = null)
{
    /// <summary>Whether each example has one whole number: what can be the index of a class.</summary>
    public bool AreClasses => Values.Integers is not null && Values.Length == 1;
}

/// <summary>Examples as a source brings them, before they are made to fit a model.</summary>
/// <param name="Name">For messages: the folder, file or name that the user gave, and the part.</param>
/// <param name="Inputs">All that were read.</param>
/// <param name="Labels">As many.</param>
/// <param name="Rows">Which of them these are, in order; null: all.</param>
internal sealed record Examples(string Name, ExampleInputs Inputs, ExampleLabels Labels, int[]? Rows = null)
{
    public int Count => Rows?.Length ?? Inputs.Count;

    /// <summary>The row of an example.</summary>
    public int RowOf(int index) => Rows is null ? index : Rows[index];

    /// <summary>Some of them.</summary>
    /// <param name="indices">Numbers among these examples.</param>
    public Examples Of(IEnumerable<int> indices) => this with { Rows = [.. indices.Select(RowOf)] };

    public void Identify(IncrementalHash hash)
    {
        Inputs.Identify(hash);
        Labels.Values.Identify(hash);
        foreach (string name in Labels.ClassNames ?? []) hash.AppendData(Encoding.UTF8.GetBytes($"{name}\n"));
        if (Rows is not null) hash.AppendData(MemoryMarshal.AsBytes<int>(Rows));
    }
}

/// <summary>What <c>--data</c> names.</summary>
/// <param name="Training">Examples to train on.</param>
/// <param name="Validation">Those that choose the best model, where the data has them apart.</param>
/// <param name="Test">Those that are scored at the end, where there are any.</param>
internal sealed record DataParts(Examples Training, Examples? Validation, Examples? Test)
{
    /// <summary>What the user should know of how it was read, a line each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The parts by name, those that there are.</summary>
    public IEnumerable<Examples> All => new[] { Training, Validation, Test }.OfType<Examples>();
}
