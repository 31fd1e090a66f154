using System.Collections.Frozen;
using static GraphRewrite.Serialization.Protos.AttributeProto.Types;

namespace GraphRewrite.Serialization.Validation;

/// <summary>
/// How an operator of ONNX's own domain may be called. A letter an input or output: r required, o optional, v variadic, V variadic of at least one.
/// </summary>
/// <param name="Since">The opset from which on.</param>
/// <param name="Inputs">The inputs' letters.</param>
/// <param name="Outputs">The outputs' letters.</param>
/// <param name="Attributes">The type of each attribute, and whether it must be there.</param>
internal sealed record Signature(
    long Since, string Inputs, string Outputs, FrozenDictionary<string, (AttributeType Type, bool Required)> Attributes)
{
    private static readonly FrozenDictionary<string, Signature[]> Table = Read();

    /// <summary>The oldest opset that the table knows, and that anything is made of.</summary>
    private const long Oldest = 11;

    /// <summary>Of an operator as an opset has it; null where ONNX has none of that name.</summary>
    public static Signature? Of(string type, long opset) => Table.TryGetValue(type, out Signature[]? versions)
        ? Array.FindLast(versions, version => version.Since <= Math.Max(opset, Oldest)) : null;

    /// <summary>How many there may be.</summary>
    public static (int Least, int Most) Count(string letters) => letters switch
    {
        [.., 'V'] => (letters.Length, int.MaxValue),
        [.., 'v'] => (letters.LastIndexOf('r') + 1, int.MaxValue),
        _ => (letters.LastIndexOf('r') + 1, letters.Length),
    };

    /// <summary>Whether an input may be left out by an empty name.</summary>
    public bool IsOptional(int input) => input < Inputs.Length && Inputs[input] == 'o';

    private static FrozenDictionary<string, Signature[]> Read()
    {
        using Stream stream = typeof(Signature).Assembly.GetManifestResourceStream("operators.tsv")
            ?? throw new InvalidOperationException("The resource 'operators.tsv' is not embedded.");
        using var reader = new StreamReader(stream);
        var table = new Dictionary<string, List<Signature>>();
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#') || line.StartsWith("operator\t", StringComparison.Ordinal)) continue;
            string[] cells = line.Split('\t');
            if (!table.TryGetValue(cells[0], out List<Signature>? versions)) table[cells[0]] = versions = [];
            long since = long.Parse(cells[1], System.Globalization.CultureInfo.InvariantCulture);
            versions.Add(new(since, cells[2], cells[3], Attribute(cells[4])));
        }
        return table.ToFrozenDictionary(pair => pair.Key, pair => pair.Value.ToArray());
    }

    /// <summary>"axis:INT!,mode:STRING".</summary>
    private static FrozenDictionary<string, (AttributeType Type, bool Required)> Attribute(string cell) =>
        cell.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(text => text.Split(':'))
            .ToFrozenDictionary(parts => parts[0], parts => (TypeNamed(parts[1].TrimEnd('!')), parts[1].EndsWith('!')));

    /// <summary>"SPARSE_TENSOR" → SparseTensor.</summary>
    private static AttributeType TypeNamed(string name) =>
        Enum.Parse<AttributeType>(name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
}
