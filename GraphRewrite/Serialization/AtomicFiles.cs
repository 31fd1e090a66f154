using System.Security.Cryptography;
using GraphRewrite.Diagnostics;

namespace GraphRewrite.Serialization;

/// <summary>
/// A set of files that is written whole or not at all, whatever ends the program and whenever. All are written aside and flushed to the disk; then a
/// journal names them (several files only), they are renamed, the journal goes. Before the journal is there the old set is, and what waits aside is
/// deleted by the next that writes there; from then on it is the new set: who next reads or writes there finds the journal and renames the rest.
/// </summary>
/// <remarks>
/// Of a link the target is written; a device, a pipe or a folder is never replaced. Programs that know nothing of the journal see the set in part
/// until one of this library's has read it. A power cut is as a kill where the file system keeps the order of renames.
/// </remarks>
public sealed class AtomicFiles : IDisposable
{
    private readonly string what, home, id = RandomNumberGenerator.GetHexString(16, lowercase: true);
    private readonly List<Waiting> written = [];
    private readonly HashSet<string> folders = [];
    private bool isJournalled;

    private AtomicFiles(string what, string home)
    {
        (this.what, this.home) = (what, Path.GetFullPath(home));
        SetJournal.FinishIn(this.home);
    }

    /// <summary>A set that belongs to one file, whose folder keeps its journal.</summary>
    /// <param name="path">The file, as messages call it.</param>
    public static AtomicFiles Beside(string path) => new(path, Path.GetDirectoryName(Path.GetFullPath(path)) ?? path);

    /// <summary>A set that belongs to a folder, which keeps its journal.</summary>
    /// <param name="folder">The folder, as messages call it; it need not be there yet.</param>
    public static AtomicFiles In(string folder) => new(folder, folder);

    /// <summary>Finishes the sets that killed processes have left in part; whoever looks for files in a folder does this first.</summary>
    /// <param name="folder">The folder that keeps the journal; it need not be there.</param>
    /// <exception cref="GraphRewriteException">A file cannot be renamed.</exception>
    public static void Repair(string folder) => SetJournal.FinishIn(folder);

    /// <summary>Repairs, and deletes what killed processes have left aside.</summary>
    /// <param name="folder">A folder; it need not be there.</param>
    /// <exception cref="GraphRewriteException">A file cannot be renamed.</exception>
    public static void Clean(string folder)
    {
        SetJournal.FinishIn(folder);
        if (Directory.Exists(folder)) SetJournal.DeleteLeftovers(folder);
    }

    /// <summary>Writes one of the files aside.</summary>
    /// <param name="path">The file, or a link to it.</param>
    /// <param name="write">Writes its contents.</param>
    /// <exception cref="GraphRewriteException">The disk is full, the folder may not be written, or the path leads to no file.</exception>
    public void Write(string path, Action<Stream> write)
    {
        string final = Path.GetFullPath(OutputFiles.Target(path)), folder = Path.GetDirectoryName(final)!;
        Guarded(() =>
        {
            foreach (string touched in new[] { home, folder }.Where(folders.Add))
            {
                FileOperations.CreateFolder(touched);
                SetJournal.DeleteLeftovers(touched);
            }
            string aside = SetJournal.New(final, id);
            FileStream stream = FileOperations.Create(aside);
            written.Add(new(aside, final, stream, FileIdentity.Of(aside)));
            write(stream);
            stream.Flush(flushToDisk: true);
        });
    }

    /// <summary>Gives every file its name. Where one cannot have it, those before get their old contents back.</summary>
    /// <exception cref="GraphRewriteException">The disk is full, or a file may not be replaced.</exception>
    public void Commit() => Guarded(() =>
    {
        if (written.Count == 1)
        {
            FileOperations.Rename(written[0].Aside, written[0].Final);
        }
        else if (written.Count > 1)
        {
            string journal = SetJournal.Write(home, id, written.Select(file => file.Final));
            isJournalled = true;
            var done = new Stack<Waiting>();
            try
            {
                foreach (Waiting file in written)
                {
                    Rename(file);
                    done.Push(file);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                while (done.TryPop(out Waiting? file)) Undo(file);
                FileOperations.Delete(journal);
                isJournalled = false;
                Tidy(written.Select(file => SetJournal.Old(file.Final, id)));
                throw;
            }
            Tidy([.. written.Select(file => SetJournal.Old(file.Final, id)), journal]);
            isJournalled = false;
        }
        Close();
    });

    /// <summary>Deletes what is not committed.</summary>
    public void Dispose()
    {
        string[] aside = [.. written.Select(file => file.Aside)];
        Close();
        if (!isJournalled) Tidy(aside);
    }

    /// <summary>Whether a file is among those written so far.</summary>
    internal bool Holds(string path) => written.Exists(file => file.Final == Path.GetFullPath(OutputFiles.Target(path)));

    private void Rename(Waiting file)
    {
        try
        {
            if (File.Exists(file.Final)) FileOperations.Replace(file.Aside, file.Final, SetJournal.Old(file.Final, id));
            else FileOperations.Rename(file.Aside, file.Final);
        }
        catch (FileNotFoundException) when (FileIdentity.Of(file.Final) == file.Identity)
        {
            // Another process has found the journal, and was faster.
        }
    }

    /// <summary>The new contents wait again before the old ones come back: killed here, the set is still finished.</summary>
    private void Undo(Waiting file)
    {
        string old = SetJournal.Old(file.Final, id);
        FileOperations.Rename(file.Final, file.Aside);
        if (File.Exists(old)) FileOperations.Rename(old, file.Final);
    }

    /// <summary>Deletes what has done its work. Where that fails nothing is wrong: the next that writes there does it.</summary>
    private static void Tidy(IEnumerable<string> files)
    {
        foreach (string file in files)
        {
            try
            {
                FileOperations.Delete(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
            }
        }
    }

    private void Close()
    {
        foreach (Waiting file in written)
        {
            try
            {
                file.Stream.Dispose();
            }
            catch (IOException)
            {
                // What could not be written before cannot be written now.
            }
        }
        written.Clear();
    }

    private void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value" })
        {
            // The last: larger than a file may be there, says FileStream.
            Phrase remedy = isJournalled
                ? "A part is replaced; the next that reads or writes there does the rest" : "What was there before is untouched";
            throw new GraphRewriteException(new Finding("cannot be written", remedy) { Place = new() { File = what }, Detail = e.Message }, e);
        }
    }

    /// <summary>A file that waits for its name; it stays open, so that no other process takes it for a killed one's.</summary>
    private sealed record Waiting(string Aside, string Final, FileStream Stream, FileIdentity? Identity);
}
