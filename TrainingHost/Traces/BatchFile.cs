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

    /// <summary>The first axis of the first input, where all batches have the same.</summary>
    public long? BatchSize => batches.Select(batch => Examples(batch.Values.First())).Distinct().ToArray() is [long size] ? size : null;

    /// <summary>The extents of the model's symbols, where all batches have the same.</summary>
    public required IReadOnlyDictionary<string, long> Extents { get; init; }

    /// <summary>The extents of the model's symbols in the batches of a file, where all batches have the same.</summary>
    public static IReadOnlyDictionary<string, long> Sizes(string path, IReadOnlyList<Value> inputs)
    {
        OrderedDictionary<string, Tensor> tensors = TensorFile.Read(path);
        var extents = new Dictionary<string, HashSet<long>>();
        for (int i = 0; tensors.ContainsKey($"batch{i}/input0"); i++)
        {
            for (int j = 0; j < inputs.Count; j++)
            {
                if (!tensors.TryGetValue($"batch{i}/input{j}", out Tensor? tensor)) continue;
                if (inputs[j].Shape is not { } shape || shape.Rank != tensor.Rank) continue;
                foreach ((Dim dim, long extent) in shape.Zip(tensor.Dims))
                {
                    if (dim is not { Symbols: { } symbol, Factor: 1 }) continue;
                    if (!extents.TryGetValue(symbol, out HashSet<long>? found)) extents[symbol] = found = [];
                    found.Add(extent);
                }
            }
        }
        return extents.Where(pair => pair.Value.Count == 1).ToDictionary(pair => pair.Key, pair => pair.Value.Single());
    }

    /// <param name="path">The file.</param>
    /// <param name="inputs">The model's batch inputs, labels last.</param>
    /// <param name="hasLabels">Whether the last of them is called labels; else it is one more input, which may be called so.</param>
    /// <exception cref="GraphRewriteException">No batch, or one that does not fit the model.</exception>
    public static BatchFile Read(string path, IReadOnlyList<Value> inputs, bool hasLabels = true)
    {
        OrderedDictionary<string, Tensor> tensors = TensorFile.Read(path);
        var file = new BatchFile(path) { Extents = Sizes(path, inputs) };
        for (int i = 0; tensors.ContainsKey($"batch{i}/input0") || tensors.ContainsKey($"batch{i}/labels"); i++)
        {
            var batch = new Dictionary<string, Tensor>();
            for (int j = 0; j < inputs.Count; j++)
            {
                bool isLabels = j == inputs.Count - 1 && (hasLabels || !tensors.ContainsKey($"batch{i}/input{j}"));
                string name = isLabels ? $"batch{i}/labels" : $"batch{i}/input{j}";
                batch[inputs[j].Name] = file.Check(name, Widened(tensors.GetValueOrDefault(name), inputs[j]), inputs[j]);
            }
            file.CheckExtents(i, batch, inputs);
            file.batches.Add(batch);
        }
        return file.batches.Count > 0 ? file
            : throw file.Refused("holds no batch. Name the initializers batch0/input0, batch0/labels, batch1/input0 and so on.");
    }

    /// <summary>Class labels must be below the number of classes, but for the one that the loss ignores.</summary>
    /// <exception cref="GraphRewriteException">One is not.</exception>
    public void CheckLabels(string labels, long classes, long? ignored = null)
    {
        foreach ((int index, IReadOnlyDictionary<string, Tensor> batch) in batches.Index())
        {
            Tensor tensor = batch[labels];
            if (tensor.Type is not (ElementType.Int64 or ElementType.Int32)) return;
            foreach (long label in tensor.ToInt64())
            {
                if (label == ignored || (label >= 0 && label < classes)) continue;
                string remedy = ignored is null ? " If its examples are not to count, give --ignore-index." : "";
                throw Refused($"batch{index}/labels holds {label}; the model has {classes} classes, 0 to {classes - 1}.{remedy}");
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

    /// <summary>What the model calls by one name has one extent: the batch, a number of edges, a length.</summary>
    private void CheckExtents(int index, Dictionary<string, Tensor> batch, IReadOnlyList<Value> inputs)
    {
        var extents = new Dictionary<string, (long Extent, string Input)>();
        foreach (Value input in inputs.Where(input => input.Shape is not null))
            foreach ((Dim dim, long extent) in input.Shape!.Zip(batch[input.Name].Dims))
            {
                if (dim.Symbols is not { } symbol) continue;
                long own = dim.Factor == 0 || extent % dim.Factor != 0 ? extent : extent / dim.Factor;
                if (!extents.TryAdd(symbol, (own, input.Name)) && extents[symbol].Extent != own)
                {
                    string found = string.Join(", ", batch.Select(pair => $"{pair.Key} {pair.Value}"));
                    string differs = $"'{symbol}' is {extents[symbol].Extent} in '{extents[symbol].Input}', {own} in '{input.Name}'";
                    throw Refused($"batch {index}: {differs}: {found}.");
                }
            }
    }

    /// <summary>Int32 labels (and indices) for a model that takes Int64.</summary>
    private static Tensor? Widened(Tensor? tensor, Value input) => tensor is { Type: ElementType.Int32 } && input.Type == ElementType.Int64
        ? Tensor.Of(tensor.Dims, tensor.ToInt64())
        : tensor;

    private static bool Fits(Tensor tensor, Value input) => tensor.Type == input.Type && (input.Shape is not { } shape
        || (shape.Rank == tensor.Rank && shape.Zip(tensor.Dims).All(pair => !pair.First.IsKnown || pair.First == pair.Second)));

    private static long Examples(Tensor tensor) => tensor.Dims.FirstOrDefault(1);

    private GraphRewriteException Refused(string problem) => new($"{path}: {problem}");
}
