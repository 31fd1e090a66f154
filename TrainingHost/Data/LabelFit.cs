using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using TrainingHost.Data.Sources;

namespace TrainingHost.Data;

/// <summary>What a model's loss takes as labels.</summary>
/// <param name="Name">The input's name.</param>
/// <param name="Type">Int64: class indices; Float: numbers.</param>
/// <param name="Shape">Batch axis first; null: not known.</param>
/// <param name="Classes">How many classes the model predicts, where the labels are indices.</param>
/// <param name="TakesLogarithm">Whether the loss takes the labels' logarithm: then none may be 0.</param>
/// <param name="Ignored">The index that the loss does not count, no class; null: it counts all.</param>
internal sealed record LabelTarget(string Name, ElementType Type, Shape? Shape, long? Classes, bool TakesLogarithm = false, long? Ignored = null);

/// <summary>
/// Makes a data set's labels those that the loss takes, as its training part decides. Class indices for a loss of indices: as they are; where they
/// are other whole numbers, and no more than the model has classes, in their order. For a loss of numbers: numbers as they are; classes as a row with
/// a one; one of two classes as 0 or 1. An index that the loss ignores stays what it is.
/// </summary>
internal sealed class LabelFit
{
    private readonly LabelTarget target;
    private readonly bool oneHot;
    private readonly Dictionary<long, long>? index;
    private readonly IReadOnlyList<long> dims;

    /// <exception cref="GraphRewriteException">The labels cannot be made the loss's.</exception>
    /// <param name="target">What the loss takes.</param>
    /// <param name="training">The training part.</param>
    /// <param name="known">Names of the classes that the model was trained on, in order; null: those of the training part.</param>
    public LabelFit(LabelTarget target, Examples training, IReadOnlyList<string>? known = null)
    {
        this.target = target;
        ExampleLabels labels = training.Labels;
        ClassNames = labels.ClassNames;
        (dims, oneHot) = target.Type == ElementType.Int64 ? (IndexDims(labels), false) : NumberDims(labels);
        long? classes = oneHot ? dims[^1] : target.Type == ElementType.Int64 ? target.Classes : null;
        if (classes is not { } count) return;
        if (known is not null && ClassNames is { } own && !own.SequenceEqual(known))
        {
            index = own.Select((name, i) => ((long)i, PlaceAmong(known, name, training.Name))).ToDictionary();
            ClassNames = known;
        }
        if (ClassNames is { } names && names.Count > count)
        {
            string few = string.Join(", ", names.Take(5)) + (names.Count > 5 ? ", …" : "");
            throw new GraphRewriteException($"{training.Name}: {names.Count} classes ({few}), the model predicts {count}. "
                + "Export it with as many outputs as there are classes");
        }
        if (ClassNames is not null || OutOfRange(training, count) is null || labels.Values.Length != 1) return;
        long[] distinct = [.. Enumerable.Range(0, training.Count).Select(i => labels.Values.Integers![training.RowOf(i)])
            .Distinct().Where(label => label != target.Ignored).Order()];
        if (distinct.Length > count) return;
        index = distinct.Select((value, i) => (value, (long)i)).ToDictionary();
        if (target.Ignored is { } ignored) index[ignored] = ignored;
        ClassNames = [.. distinct.Select(value => $"{value}")];
        Note = $"The labels {string.Join(", ", distinct.Take(4))}{(distinct.Length > 4 ? ", …" : "")} become the classes 0 to {distinct.Length - 1}.";
    }

    /// <summary>Names of the classes, where there are any.</summary>
    public IReadOnlyList<string>? ClassNames { get; }

    /// <summary>Whether the labels are classes, as indices or as a row with a one.</summary>
    public bool AreClasses => oneHot || target.Type == ElementType.Int64;

    /// <summary>What was done, where that is not obvious.</summary>
    public string? Note { get; }

    /// <summary>The labels of a part.</summary>
    /// <exception cref="GraphRewriteException">A label is out of range.</exception>
    public FittedLabels Of(Examples part)
    {
        long? classes = oneHot ? dims[^1] : target.Type == ElementType.Int64 ? target.Classes : null;
        if (classes is { } count && index is null && OutOfRange(part, count) is { } wrong)
        {
            (int row, long label) = wrong;
            bool canIgnore = target.Ignored is null && target.Type == ElementType.Int64;
            string remedy = canIgnore ? ". If its examples are not to count, give --ignore-index" : "";
            throw new GraphRewriteException(
                $"{part.Labels.Values.Place(row)}: label {label} is out of range, the model has {count} classes (0 to {count - 1}){remedy}");
        }
        if (index is not null)
        {
            for (int i = 0; i < part.Count; i++)
            {
                long label = part.Labels.Values.Integers![part.RowOf(i)];
                if (!index.ContainsKey(label))
                    throw new GraphRewriteException($"{part.Labels.Values.Place(part.RowOf(i))}: label {label} is not among the training part's");
            }
        }
        return new(new(target.Name, target.Type, dims, IsDistribution: oneHot), part.Labels.Values, oneHot, index);
    }

    private static long PlaceAmong(IReadOnlyList<string> known, string name, string data)
    {
        for (int i = 0; i < known.Count; i++)
            if (known[i] == name) return i;
        throw new GraphRewriteException($"{data}: the class {name} is none of those that the model was trained on: {string.Join(", ", known.Take(12))}");
    }

    private (int Row, long Label)? OutOfRange(Examples part, long classes)
    {
        ExampleArray values = part.Labels.Values;
        for (int i = 0; i < part.Count; i++)
        {
            int row = part.RowOf(i);
            foreach (long label in values.Integers.AsSpan(row * values.Length, values.Length))
                if (label != target.Ignored && (label < 0 || label >= classes)) return (row, label);
        }
        return null;
    }

    private IReadOnlyList<long> IndexDims(ExampleLabels labels)
    {
        if (labels.Values.Integers is null)
        {
            throw new GraphRewriteException($"{labels.Values.Name}: the labels are numbers with fractions, the model's '{target.Name}' takes class "
                + "indices. Train with --loss mse, or give whole numbers");
        }
        return Matching(labels) ?? throw Mismatch(labels);
    }

    private (IReadOnlyList<long> Dims, bool OneHot) NumberDims(ExampleLabels labels)
    {
        long[] taken = [.. (target.Shape ?? Shape.Of(1)).Skip(1).Select(dim => dim.IsKnown ? dim.Value : -1)];
        bool single = taken.All(dim => dim == 1);
        bool classes = labels.AreClasses && (labels.ClassNames is not null || !single);
        if (classes && taken is [> 1])
        {
            if (target.TakesLogarithm)
            {
                throw new GraphRewriteException(
                    $"The loss takes probabilities above 0 as '{target.Name}', the data brings classes. Train with --loss cross-entropy");
            }
            return (taken, true);
        }
        if (classes && !(single && labels.ClassNames is { Count: <= 2 }))
        {
            throw new GraphRewriteException($"The data brings classes, the model's '{target.Name}' is {target.Type}{target.Shape}. "
                + "Train with --loss cross-entropy, or give numbers");
        }
        return (single && labels.Values.Length == 1 ? taken : Matching(labels) ?? throw Mismatch(labels), false);
    }

    /// <summary>The labels' dimensions where they are the model's, whose open extents they fill; else null.</summary>
    private IReadOnlyList<long>? Matching(ExampleLabels labels)
    {
        if (target.Shape is not { } shape) return labels.Values.Dims;
        Dim[] taken = [.. shape.Skip(1)];
        return taken.Length == labels.Values.Dims.Count
            && taken.Zip(labels.Values.Dims).All(pair => !pair.First.IsKnown || pair.First.Value == pair.Second) ? labels.Values.Dims : null;
    }

    private GraphRewriteException Mismatch(ExampleLabels labels) => new(
        $"{labels.Values.Name}: the labels of an example are [{string.Join(", ", labels.Values.Dims)}], "
        + $"the model's '{target.Name}' is {target.Type}{target.Shape}. Give labels of its shape");
}
