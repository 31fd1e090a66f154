using System.Globalization;
using GraphRewrite.Diagnostics;

namespace TrainingHost.Data.Sources;

/// <summary>The rows of a table as a trained model takes them: its columns by name, in its order; others do not count.</summary>
internal sealed class TableRows
{
    private readonly Table table;
    private readonly IReadOnlyList<string> names;
    private readonly TableColumn[] columns;

    /// <param name="table">A table.</param>
    /// <param name="names">The columns that the model was trained with.</param>
    /// <exception cref="GraphRewriteException">The table lacks one.</exception>
    public TableRows(Table table, IReadOnlyList<string> names)
    {
        (this.table, this.names) = (table, names);
        string[] missing = [.. names.Where(name => table.Columns.All(column => column.Name != name))];
        if (missing.Length > 0)
        {
            string those = $"{(missing.Length == 1 ? "column" : "columns")} {TableColumn.Shown(missing)}";
            string has = TableColumn.Shown([.. table.Columns.Select(column => column.Name)]);
            throw new GraphRewriteException($"{table.Path}: has no {those}, which the model was trained with; there are {has}.");
        }
        columns = [.. names.Select(name => table.Columns.First(column => column.Name == name))];
    }

    public int Count => table.Rows;

    /// <summary>What a message calls a row.</summary>
    /// <param name="row">From 0.</param>
    public string Place(int row) => string.Create(CultureInfo.InvariantCulture, $"{table.Path}, row {row + 1}");

    /// <summary>Fills in a row.</summary>
    /// <param name="row">From 0.</param>
    /// <param name="values">As many as there are names.</param>
    /// <exception cref="GraphRewriteException">A cell holds no number.</exception>
    public void Fill(int row, Span<float> values)
    {
        for (int i = 0; i < columns.Length; i++)
        {
            double number = columns[i].Number(row);
            if (double.IsNaN(number)) throw new GraphRewriteException($"{Place(row)}: '{names[i]}' holds no number.");
            values[i] = (float)number;
        }
    }
}
