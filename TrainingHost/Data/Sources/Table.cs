using System.Globalization;

namespace TrainingHost.Data.Sources;

/// <summary>A column of a table: numbers, or text. A cell that holds nothing, or nothing that can be read, is NaN, or null.</summary>
/// <param name="Name">Its heading.</param>
/// <param name="Numbers">Null where it holds text.</param>
/// <param name="Texts">Null where it holds numbers.</param>
internal sealed record TableColumn(string Name, double[]? Numbers, string?[]? Texts)
{
    /// <summary>Whether a cell is empty.</summary>
    public bool IsMissing(int row) => Numbers is not null ? double.IsNaN(Numbers[row]) : Texts![row] is null;

    /// <summary>The number in a cell; NaN for none.</summary>
    public double Number(int row) =>
        Numbers?[row] ?? (double.TryParse(Texts![row], CultureInfo.InvariantCulture, out double number) ? number : double.NaN);

    /// <summary>Names of columns in a message: not more than twenty.</summary>
    public static string Shown(IReadOnlyList<string> names) =>
        names.Count <= 20 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(20))} and {names.Count - 20} more";
}

/// <summary>A table.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Columns">All of one length.</param>
internal sealed record Table(string Path, IReadOnlyList<TableColumn> Columns)
{
    public int Rows => Columns[0].Numbers?.Length ?? Columns[0].Texts!.Length;

    /// <summary>The file's extensions.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".csv", ".tsv", ".parquet"];

    public static Table Read(string path) =>
        path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase) ? ParquetTable.Read(path) : CsvTable.Read(path);
}
