using System.IO.MemoryMappedFiles;

namespace Fuzz;

/// <summary>
/// How far a child is, in a file that its parent still reads when the child has died: the mutation at hand, and the counts of those before.
/// </summary>
internal sealed class Progress : IDisposable
{
    private const int Fields = 4;
    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;

    public Progress(string path)
    {
        file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, Fields * sizeof(long));
        view = file.CreateViewAccessor();
    }

    /// <summary>The number of the mutation at hand.</summary>
    public long Current
    {
        get => view.ReadInt64(0);
        set => view.Write(0, value);
    }

    /// <summary>Mutations of an outcome: accepted, refused, stray.</summary>
    public long this[int outcome]
    {
        get => view.ReadInt64((1 + outcome) * sizeof(long));
        set => view.Write((1 + outcome) * sizeof(long), value);
    }

    public void Dispose()
    {
        view.Dispose();
        file.Dispose();
    }
}
