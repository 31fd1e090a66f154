using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Serialization;

namespace TrainingHost.Traces;

/// <summary>Batches that a file names: initializers <c>batchI/inputJ</c> and <c>batchI/labels</c>; others are ignored.</summary>
internal sealed class BatchFile
{
    private readonly string path;
    private readonly List<IReadOnlyDictionary<string, Tensor>> batches = [];

    private BatchFile(string path) => this.path = path;

    /// <summary>Each batch by the model's input names.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, Tensor>> Batches => batches;

    /// <summary>The number of examples, where all batches have the same.</summary>
    public long? BatchSize => batches.Select(batch => Examples(batch.Values.First())).Distinct().ToArray() is [long size] ? size : null;

    /// <param name="path">The file.</param>
    /// <param name="inputs">The model's batch inputs, labels last.</param>
    /// <exception cref="GraphRewriteException">No batch, or one that does not fit the model.</exception>
    public static BatchFile Read(string path, IReadOnlyList<Value> inputs)
    {
        OrderedDictionary<string, Tensor> tensors = TensorFile.Read(path);
        var file = new BatchFile(path);
        for (int i = 0; tensors.ContainsKey($"batch{i}/input0") || tensors.ContainsKey($"batch{i}/labels"); i++)
        {
            var batch = new Dictionary<string, Tensor>();
            for (int j = 0; j < inputs.Count; j++)
            {
                string name = j == inputs.Count - 1 ? $"batch{i}/labels" : $"batch{i}/input{j}";
                batch[inputs[j].Name] = file.Check(name, tensors.GetValueOrDefault(name), inputs[j]);
            }
            file.CheckExamples(i, batch);
            file.batches.Add(batch);
        }
        return file.batches.Count > 0 ? file
            : throw file.Refused("holds no batch. Name the initializers batch0/input0, batch0/labels, batch1/input0 and so on.");
    }

    /// <summary>Class labels must be below the number of classes.</summary>
    /// <exception cref="GraphRewriteException">One is not.</exception>
    public void CheckLabels(string labels, long classes)
    {
        foreach ((int index, IReadOnlyDictionary<string, Tensor> batch) in batches.Index())
        {
            Tensor tensor = batch[labels];
            if (tensor.Type is not (ElementType.Int64 or ElementType.Int32)) return;
            foreach (long label in tensor.ToInt64())
            {
                if (label < 0 || label >= classes)
                    throw Refused($"batch{index}/labels holds {label}; the model has {classes} classes, 0 to {classes - 1}.");
            }
        }
    }

    private Tensor Check(string name, Tensor? tensor, Value input)
    {
        string takes = $"{input.Type}{input.Shape}";
        return tensor switch
        {
            null => throw Refused($"'{name}' is missing; it feeds the model's input '{input.Name}' ({takes})."),
            _ when !Fits(tensor, input) => throw Refused($"'{name}' is {tensor}; the model's input '{input.Name}' takes {takes}."),
            _ when tensor.Type.IsFloating() && tensor.ToDouble().Any(x => !double.IsFinite(x)) => throw Refused($"'{name}' holds NaN or infinity."),
            { Length: 0 } => throw Refused($"'{name}' is empty ({tensor})."),
            _ => tensor,
        };
    }

    private void CheckExamples(int index, Dictionary<string, Tensor> batch)
    {
        if (batch.Values.Select(Examples).Distinct().Count() == 1) return;
        string found = string.Join(", ", batch.Select(pair => $"{pair.Key} {pair.Value}"));
        throw Refused($"batch {index} has tensors of different numbers of examples: {found}.");
    }

    private static bool Fits(Tensor tensor, Value input) => tensor.Type == input.Type && (input.Shape is not { } shape
        || (shape.Rank == tensor.Rank && shape.Zip(tensor.Dims).All(pair => !pair.First.IsKnown || pair.First == pair.Second)));

    private static long Examples(Tensor tensor) => tensor.Dims.FirstOrDefault(1);

    private GraphRewriteException Refused(string problem) => new($"{path}: {problem}");
}
