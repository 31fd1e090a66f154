using GraphRewrite.Diagnostics;

namespace GraphRewrite.Serialization;

/// <summary>
/// Files and folders that others are to replace: aside until those are there, so that an attempt that fails, or is killed, costs nothing. They wait
/// in a folder beside them, .replaced; as long as they are on the way into it or out of it, it is called .replacing.
/// </summary>
public sealed class ReplacedFiles : IDisposable
{
    private const string Aside = ".replaced", Moving = ".replacing";

    private readonly string folder, sign;
    private readonly IReadOnlyList<string> names;

    private ReplacedFiles(string folder, IReadOnlyList<string> names, string sign) => (this.folder, this.names, this.sign) = (folder, names, sign);

    /// <summary>Puts them aside.</summary>
    /// <param name="folder">Where they are.</param>
    /// <param name="names">Of files and folders in it; not all need be there.</param>
    /// <param name="sign">The one of them that is the last to be written of those that replace them.</param>
    /// <exception cref="GraphRewriteException">One cannot be moved; then all are where they were.</exception>
    public static ReplacedFiles PutAside(string folder, IReadOnlyList<string> names, string sign)
    {
        var replaced = new ReplacedFiles(folder, names, sign);
        replaced.Guarded(replaced.Begin);
        return replaced;
    }

    /// <summary>Whether a killed process has left some aside.</summary>
    public static bool AreIn(string folder) => Directory.Exists(Path.Combine(folder, Aside)) || Directory.Exists(Path.Combine(folder, Moving));

    /// <summary>Ends what a killed process has begun: what is aside goes where the sign of what replaces it is there, else it comes back.</summary>
    /// <inheritdoc cref="PutAside" path="/param"/>
    /// <exception cref="GraphRewriteException">Something cannot be moved.</exception>
    public static void Repair(string folder, IReadOnlyList<string> names, string sign) => new ReplacedFiles(folder, names, sign).Dispose();

    /// <summary>Deletes what is aside if what replaces it is there, else brings it back.</summary>
    public void Dispose() => Guarded(Finish);

    private void Begin()
    {
        Finish();
        try
        {
            FileOperations.CreateFolder(In(Moving));
            foreach (string name in names.OrderBy(name => name != sign)) Move(In(name), Path.Combine(In(Moving), name));
            Move(In(Moving), In(Aside));
        }
        catch
        {
            Finish();
            throw;
        }
    }

    private void Finish()
    {
        if (Directory.Exists(In(Aside)))
        {
            if (File.Exists(In(sign)))
            {
                FileOperations.DeleteFolder(In(Aside));
                return;
            }
            foreach (string name in names) Delete(In(name));
            Move(In(Aside), In(Moving));
        }
        if (!Directory.Exists(In(Moving))) return;
        foreach (string name in names.OrderBy(name => name == sign)) Move(Path.Combine(In(Moving), name), In(name));
        FileOperations.DeleteFolder(In(Moving));
    }

    private string In(string name) => Path.Combine(folder, name);

    private static void Move(string from, string to)
    {
        if (File.Exists(from)) FileOperations.Rename(from, to);
        else if (Directory.Exists(from)) FileOperations.RenameFolder(from, to);
    }

    private static void Delete(string path)
    {
        FileOperations.Delete(path);
        FileOperations.DeleteFolder(path);
    }

    private void Guarded(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GraphRewriteException(
                new Finding($"what is to be replaced in it cannot be moved to {Aside} and back", "See to that; nothing of it is lost")
                {
                    Place = new() { File = folder },
                    Detail = e.Message,
                },
                e);
        }
    }
}
